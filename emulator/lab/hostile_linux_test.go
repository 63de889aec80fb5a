package lab

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
)

// TestMain builds firmware in place of nrf91emu when the test itself is run inside a
// sandbox.
func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		serveLab()
	}
	if len(os.Args) > 2 && os.Args[1] == "firmware" && os.Args[2] == "build" {
		p, err := build.Load(build.Options{Dir: insideCode, Out: "/tmp/build", SDK: firmware.SDK()})
		if err == nil {
			_, err = p.Build(context.Background(), os.Stderr, false)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	closeChromium()
	os.RemoveAll(sandboxCache())
	os.Exit(code)
}

// sandboxCache keeps the compiled host SDK for all classes, where another user can read it.
var sandboxCache = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "nrf91emu-cache")
	if err != nil {
		panic(err)
	}
	return dir
})

// openClass opens a lab that builds in sandboxes, or skips the test.
func openClass(t testing.TB, students int) *Lab {
	t.Helper()
	compiler(t)
	dir := t.TempDir()
	trial, err := os.MkdirTemp("", "nrf91emu-lab") // as a lab does; another user cannot reach into t.TempDir
	require.NoError(t, err)
	defer os.RemoveAll(trial)
	probe, err := openSandbox(filepath.Join(trial, "sandbox"))
	if err != nil {
		t.Skip(err.Error())
	}
	probe.close()
	l, err := Open(Config{Students: students, NoPorts: true, Tokens: true, Builds: BuildInSandbox, BuildCache: sandboxCache(), Dir: filepath.Join(dir, "state")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	for _, s := range l.seats {
		require.NoError(t, s.Start("mqtt-over-tls-in-c"))
	}
	return l
}

const (
	plainCMake = "cmake_minimum_required(VERSION 3.20.0)\nfind_package(Zephyr REQUIRED)\nproject(x)\ntarget_sources(app PRIVATE src/main.c)\n"
	plainConf  = "CONFIG_LOG=y\n"
	plainMain  = "#include <zephyr/kernel.h>\nint main(void) { printk(\"alive\\n\"); return 0; }\n"
)

// hostile is the frame of programs that try something; BREACH on the console is a
// success of theirs. They call the kernel, as the SDK has its own idea of sockets.
const hostile = `
#include <sys/syscall.h>
#include <stddef.h>
int printf(const char *, ...);
long syscall(long, ...);
void *malloc(unsigned long);
void *memset(void *, int, unsigned long);
#define OPEN(path, flags) syscall(SYS_openat, -100, path, flags, 0600)
static void breach(const char *what) { printf("BREACH: %%s\n", what); }
static void readable(const char *path) { long fd = OPEN(path, 0); char c[1]; if (fd >= 0 && syscall(SYS_read, fd, c, 1L) == 1) breach(path); }
static void writable(const char *path) { if (OPEN(path, 01 | 0100) >= 0) breach(path); }
struct place { unsigned short family; char path[108]; };
static void reach(const char *path) { struct place a = { 1, "" }; int i; for (i = 0; path[i]; i++) a.path[i] = path[i];
	long s = syscall(SYS_socket, 1L, 1L, 0L); if (syscall(SYS_connect, s, &a, (long)sizeof(a)) == 0) breach(path); }
struct inet { unsigned short family; unsigned char port[2]; unsigned char ip[4]; char zero[8]; };
static void dial(int port) { struct inet a = { 2, { port >> 8, port & 255 }, { 127, 0, 0, 1 }, "" };
	long s = syscall(SYS_socket, 2L, 1L, 0L); if (s >= 0 && syscall(SYS_connect, s, &a, (long)sizeof(a)) == 0) breach("network"); }
int main(void)
{
%s
	printf("END OF IT\n");
	return 0;
}
`

// often are the ones that are tried each time; .ci/full tries all.
var often = []string{
	"include of a file of the lab", "a compiler's wrapper", "fork bomb", "memory without end", "others' files", "another's modem", "the network", "kill everybody", "memory that nobody counts",
	"descriptors that leak",
}

// Twenty and more ways in which students' code could do harm; none works, and the lab
// goes on.
func TestHostileSubmissions(t *testing.T) {
	l := openClass(t, 2)
	s, other := l.seats[0], l.seats[1]
	require.NoError(t, other.bench.Flash(t.Context()))
	secret := "very-secret-" + filepath.Base(l.temp)
	hidden := filepath.Join(t.TempDir(), "hidden")
	require.NoError(t, os.WriteFile(hidden, []byte(secret), 0o644))
	for dir := filepath.Dir(hidden); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755)) // what protects it is the sandbox
	}
	inherited, err := unix.Open(hidden, unix.O_RDWR, 0) // as from the shell that has started the lab
	require.NoError(t, err)
	defer unix.Close(inherited)
	// Whoever gets to this port has got out.
	canary, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer canary.Close()
	var visits atomic.Int32
	go func() {
		for {
			c, err := canary.Accept()
			if err != nil {
				return
			}
			visits.Add(1)
			c.Close()
		}
	}()
	port := canary.Addr().(*net.TCPAddr).Port
	main := func(body string) map[string]string {
		return map[string]string{"src/main.c": fmt.Sprintf(hostile, body)}
	}
	try := func(format string, args ...any) map[string]string { return main(fmt.Sprintf(format, args...)) }
	shown := func() string { return hubText(s) }

	for _, tt := range []struct {
		name string
		code map[string]string
		want string // is said or printed
	}{
		// While it is built.
		{"include of the system's passwords", map[string]string{"src/main.c": "#include \"/etc/shadow\"\n" + plainMain}, "No such file"},
		{"include of a file of the lab", map[string]string{"src/main.c": "#include \"" + hidden + "\"\n" + plainMain}, "No such file"},
		{"incbin of the broker's key", map[string]string{"src/main.c": plainMain + "__asm__(\".incbin \\\"" + filepath.Join(l.dir, "client.key") + "\\\"\");\n"}, "client.key"},
		{"Kconfig that reads a file", map[string]string{"Kconfig": "source \"" + hidden + "\"\nsource \"Kconfig.zephyr\"\n"}, "hidden"},
		{"CMake that reads a file", map[string]string{"CMakeLists.txt": plainCMake + "generate_inc_file_for_target(app " + hidden + " ${CMAKE_CURRENT_BINARY_DIR}/x.inc)\n"}, "hidden"},
		{"options file outside", map[string]string{"CMakeLists.txt": "set(OVERLAY_CONFIG " + hidden + ")\n" + plainCMake}, "hidden"},
		{"a compiler's wrapper", map[string]string{
			"evil.sh":        "#!/bin/sh\ncat " + hidden + " /etc/shadow; touch /evil /src/evil /usr/evil; (echo x > /dev/tcp/127.0.0.1/" + fmt.Sprint(port) + "); exec \"$@\"\n",
			"CMakeLists.txt": plainCMake + "target_compile_options(app PRIVATE -wrapper /bin/sh,/src/evil.sh)\n"}, "alive"},
		{"an object larger than the disk", map[string]string{"src/main.c": "char big[1UL << 34] = { 1 };\n" + plainMain}, ""},
		{"output without end", map[string]string{"src/main.c": strings.Repeat("int x = nothing_that_is_there;\n", 3000)}, "more was said"},
		// While it runs.
		{"fork bomb", main(`for (int i = 0; i < 100000; i++) { long p = syscall(SYS_clone, 17L, 0L, 0L, 0L, 0L); if (p < 0 && i > 5) { printf("stopped\n"); break; } if (i > 1000) breach("forks"); }
	`), "stopped"},
		{"memory without end", main(`for (;;) { void *p = malloc(1 << 20); if (p == NULL) break; memset(p, 1, 1 << 20); }`), ""},
		{"others' files", try(`readable("%s"); readable("/etc/shadow"); readable("/etc/passwd"); readable("%s"); readable("/proc/1/root%s"); readable("/proc/self/root/home"); readable("/root/.bash_history");`,
			hidden, filepath.Join(l.dir, "client.key"), hidden), "END OF IT"},
		{"files of the lab, to write", try(`writable("/x"); writable("/usr/bin/x"); writable("%s/modem-2.img"); writable("/dev/shm/x"); writable("/nrf91emu"); writable("/app"); writable("/proc/sys/kernel/core_pattern");`, l.dir), "END OF IT"},
		{"another's modem", try(`reach("%s"); reach("/tmp/modem"); reach("%s");`, other.bench.library.Addr(), strings.Replace(other.bench.library.Addr().String(), "/2/", "/1/../2/", 1)), "END OF IT"},
		{"the network", try(`dial(%d); for (int i = 0; i < 100; i++) dial(i + 1); if (syscall(SYS_socket, 17L, 3L, 0L) >= 0) breach("raw packets");`, port), "END OF IT"},
		{"a full disk", main(`static char block[1 << 16]; long n = 0, fd; for (int f = 0; f < 1000; f++) { char name[] = "/tmp/0000"; name[5] += f / 100; name[6] += f / 10 % 10; name[7] += f % 10;
		fd = OPEN(name, 01 | 0100); if (fd < 0) break; long got = 1; for (int i = 0; i < 48 && got > 0; i++) if ((got = syscall(SYS_write, fd, block, sizeof(block))) > 0) n += got; if (got <= 0) break; }
	if (n < (1L << 20)) breach("no disk at all");
	if (n > (16L << 20)) breach("disk");`), "END OF IT"},
		{"kill everybody", main(`syscall(SYS_kill, -1L, 9L);`), "END OF IT"},
		{"namespaces and mounts", main(`if (syscall(SYS_unshare, 0x10000000L) == 0) breach("user namespace"); if (syscall(SYS_mount, "/tmp", "/usr", "", 4096L, "") == 0) breach("mount"); if (syscall(SYS_setuid, 0L) == 0) breach("root"); if (syscall(SYS_chroot, "/tmp") == 0) breach("chroot");`), "END OF IT"},
		{"memory that nobody counts", main(`if (syscall(SYS_shmget, 0L, 1L << 20, 01600L) >= 0) breach("shared memory"); if (syscall(SYS_memfd_create, "x", 0L) >= 0) breach("file in memory");
	if ((unsigned long)syscall(SYS_mmap, 0L, 1L << 20, 3L, 0x21L, -1L, 0L) < -4096UL) breach("shared mapping"); if (syscall(SYS_keyctl, 0L, -3L, 0L) >= 0) breach("keys");
	if (syscall(SYS_socket, 40L, 1L, 0L) >= 0) breach("the machine below"); if (syscall(SYS_clone, 0x10000000L | 17, 0L, 0L, 0L, 0L) >= 0) breach("user namespace");`), "END OF IT"},
		{"a terminal that is not its own", main(`if (syscall(SYS_ioctl, 0L, 0x5412L, "x") == 0) breach("terminal"); if (OPEN("/dev/tty", 2) >= 0) breach("tty");`), "END OF IT"},
		{"descriptors that leak", main(`for (long fd = 3; fd < 1000; fd++) if (syscall(SYS_lseek, fd, 0L, 1) >= 0) { char at[] = "/proc/self/fd/000", to[100] = ""; at[14] += fd / 100; at[15] += fd / 10 % 10; at[16] += fd % 10;
		char *p = at + 14; if (fd < 10) { at[14] = at[16]; at[15] = 0; } else if (fd < 100) { at[14] = at[15]; at[15] = at[16]; at[16] = 0; } (void)p;
		syscall(SYS_readlinkat, -100L, at, to, 99L); if (to[1] != 'd') breach(to); }`), "END OF IT"},
		{"HTML on the console", main(`printf("<script>alert(1)</script>\033]0;title\007\n");`), "alert(1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if os.Getenv("NRF91EMU_LONG") == "" && !slices.Contains(often, tt.name) {
				t.Skip("NRF91EMU_LONG is not set")
			}
			code := map[string][]byte{"CMakeLists.txt": []byte(plainCMake), "prj.conf": []byte(plainConf), "src/main.c": []byte(plainMain)}
			for name, text := range tt.code {
				code[name] = []byte(text)
			}
			require.NoError(t, replaceCode(s.bench.dir(s.current()), code))
			s.hub.forget("")
			err := s.bench.Flash(t.Context())
			said := s.bench.state.Said
			if err == nil {
				s.ends(t, tt.want)
			}
			all := said + shown()
			require.Contains(t, all, tt.want)
			require.NotContains(t, all, "BREACH")
			require.NotContains(t, all, secret)
			require.NotContains(t, all, "root:")
			require.NotContains(t, all, "PRIVATE KEY")
			require.Less(t, len(said), maxSaid+1000)
			require.Zero(t, visits.Load())
		})
	}
	// All that was tried has left the other student's firmware and the lab as they were.
	ok, why := other.bench.holds()
	require.True(t, ok, why)
	require.NoFileExists(t, "/evil")
	content, err := os.ReadFile(hidden)
	require.NoError(t, err)
	require.Equal(t, secret, string(content))
	require.NoError(t, s.bench.original())
	require.NoError(t, s.bench.Flash(t.Context()))
}

// hubText is what pages of a seat were told in its console.
func hubText(s *Seat) string {
	var b strings.Builder
	for seq := uint64(0); ; {
		batch, next, wake := s.hub.after(seq)
		for _, m := range batch {
			if bytes.Contains(m.json, []byte(`"kind":"console"`)) {
				b.Write(m.json)
			}
		}
		if wake != nil {
			return b.String()
		}
		seq = next
	}
}

// ends waits until a program has printed something or is gone, and ends it.
func (s *Seat) ends(t *testing.T, want string) {
	t.Helper()
	for limit := time.After(30 * time.Second); ; {
		next := s.looked()
		s.bench.mu.Lock()
		running := s.bench.program != nil
		s.bench.mu.Unlock()
		if !running || want != "" && strings.Contains(hubText(s), want) {
			break
		}
		select {
		case <-next:
		case <-limit:
			t.Fatalf("the program neither ended nor said %q", want)
		}
	}
	require.NoError(t, s.bench.Stop())
}

// What is uploaded is files of the application and nothing else.
func TestHostileArchives(t *testing.T) {
	pack := func(fill func(*zip.Writer)) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		fill(z)
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	file := func(z *zip.Writer, h *zip.FileHeader, content []byte) {
		if len(content) > 0 {
			h.Method = zip.Deflate
		}
		w, err := z.CreateHeader(h)
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
	}
	link := &zip.FileHeader{Name: "src/main.c"}
	link.SetMode(os.ModeSymlink | 0o777)
	device := &zip.FileHeader{Name: "src/main.c"}
	device.SetMode(os.ModeDevice | 0o666)
	for _, tt := range []struct {
		name string
		fill func(*zip.Writer)
		want string
	}{
		{"a link", func(z *zip.Writer) { file(z, link, []byte("/etc/shadow")) }, "links are not taken"},
		{"a device", func(z *zip.Writer) { file(z, device, nil) }, "no plain file"},
		{"out of it", func(z *zip.Writer) { file(z, &zip.FileHeader{Name: "../../x"}, nil) }, "leads out"},
		{"an absolute name", func(z *zip.Writer) { file(z, &zip.FileHeader{Name: "/etc/cron.d/x"}, nil) }, "leads out"},
		{"another system's name", func(z *zip.Writer) { file(z, &zip.FileHeader{Name: `a\..\x`}, nil) }, "no name of a file"},
		{"a bomb", func(z *zip.Writer) {
			file(z, &zip.FileHeader{Name: "CMakeLists.txt"}, nil)
			file(z, &zip.FileHeader{Name: "bomb"}, make([]byte, maxCode+1))
		}, "larger than 4 MB"},
		{"many files", func(z *zip.Writer) {
			for n := range 300 {
				file(z, &zip.FileHeader{Name: fmt.Sprintf("f%d", n)}, nil)
			}
		}, "more than 200 files"},
		{"very many files", func(z *zip.Writer) {
			for n := range 10000 {
				file(z, &zip.FileHeader{Name: fmt.Sprintf("f%d", n)}, nil)
			}
		}, "10000 entries"},
		{"no application", func(z *zip.Writer) { file(z, &zip.FileHeader{Name: "readme"}, nil) }, "no CMakeLists.txt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := unzip(pack(tt.fill))
			require.ErrorContains(t, err, tt.want)
		})
	}
	_, err := unzip([]byte("no archive"))
	require.ErrorContains(t, err, "no ZIP archive")
	files, err := unzip(pack(func(z *zip.Writer) {
		file(z, &zip.FileHeader{Name: "app/CMakeLists.txt"}, []byte("x"))
		file(z, &zip.FileHeader{Name: "app/src/main.c"}, []byte("y"))
		file(z, &zip.FileHeader{Name: "app/.git/hooks/post-checkout"}, []byte("z"))
		file(z, &zip.FileHeader{Name: "app/build/app"}, []byte("z"))
		file(z, &zip.FileHeader{Name: "__MACOSX/app/x"}, []byte("z"))
	}))
	require.NoError(t, err)
	require.Equal(t, []string{"CMakeLists.txt", "src/main.c"}, sortedNames(files))
	for _, name := range []string{"", ".", "..", "../x", "/x", "a/../b", `a\b`, "c:x", ".git/config", "src/.ssh", "build/x", "a\nb", strings.Repeat("x", 200)} {
		require.Error(t, checkName(name), name)
	}
}
