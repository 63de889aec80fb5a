package firmware_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nrf91emu/emulator/firmware"
)

var update = flag.Bool("update", false, "write the golden files anew")

// flags are those of the SDK's README; the SDK must be clean with the warnings.
var flags = strings.Fields("-std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -funsigned-char -fno-common" +
	" -fno-strict-aliasing -g -O1 -Wall -Wextra -Werror -include testdata/sdk/autoconf.h -Isdk/include -Isdk/src")

// noModem are the SDK's sources that need no modem: testdata/sdk/transport.c stands
// in for the connection to the emulator.
var noModem = []string{"sdk/src/kernel/*.c", "sdk/src/console.c", "sdk/src/crash.c", "sdk/src/log.c", "sdk/src/main.c",
	"sdk/src/random.c", "sdk/src/util.c", "testdata/sdk/transport.c"}

func compiler(t *testing.T, name string) string {
	t.Helper()
	cc, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no C compiler %s here: install gcc or clang to run this test", name)
	}
	return cc
}

// onlyC skips a test of C alone with -short, as for the race detector, which sees nothing of it.
func onlyC(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it looks at C alone, not at Go: run it without -short")
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, p := range patterns {
		m, err := filepath.Glob(p)
		if err != nil || len(m) == 0 {
			t.Fatalf("%s: no such file (%v)", p, err)
		}
		files = append(files, m...)
	}
	return files
}

// An object is a source compiled once for a set of flags.
type object struct {
	once      sync.Once
	file, err string
}

var (
	compiledMu sync.Mutex
	compiled   = map[string]*object{}
	objects    string
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sdk")
	if err != nil {
		panic(err)
	}
	objects = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// compile returns the object file of a source.
func compile(t *testing.T, cc string, flags []string, src string) string {
	t.Helper()
	key := strings.Join(flags, " ") + " " + src
	compiledMu.Lock()
	o := compiled[key]
	if o == nil {
		o = &object{file: filepath.Join(objects, fmt.Sprintf("%d.o", len(compiled)))}
		compiled[key] = o
	}
	compiledMu.Unlock()
	o.once.Do(func() {
		if out, err := exec.Command(cc, slices.Concat(flags, []string{"-c", src, "-o", o.file})...).CombinedOutput(); err != nil {
			o.err = fmt.Sprintf("%s: %v\n%s", src, err, out)
		}
	})
	if o.err != "" {
		t.Fatal(o.err)
	}
	return o.file
}

// ctest builds testdata/sdk/NAME.c with noModem and other sources of the SDK, and returns the
// program. Options of the configuration among the flags are for those others and the test.
func ctest(t *testing.T, name string, sources []string, extra ...string) string {
	t.Helper()
	onlyC(t)
	cc := compiler(t, "cc")
	all := slices.Concat(flags, extra)
	common := slices.DeleteFunc(slices.Clone(all), func(f string) bool { return strings.HasPrefix(f, "-DCONFIG_") })
	var objs []string
	for _, src := range glob(t, noModem...) {
		objs = append(objs, compile(t, cc, common, src))
	}
	for _, src := range sources {
		objs = append(objs, compile(t, cc, all, src))
	}
	objs = append(objs, compile(t, cc, append(all, "-Dmain=app_main"), "testdata/sdk/"+name+".c"))
	program := filepath.Join(t.TempDir(), name)
	run(t, cc, slices.Concat(extra, []string{"-o", program}, objs, []string{"-lpthread", "-lm"})...)
	return program
}

// output is what a program wrote: to its console, to standard error, to the event
// record (level and line).
type output struct{ console, stderr, record string }

func runC(t *testing.T, program string, env ...string) (output, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	record, err := os.Create(filepath.Join(t.TempDir(), "record"))
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = &stdout, &stderr, []*os.File{record}
	cmd.Env = append(os.Environ(), env...)
	err = cmd.Run()
	text, readErr := os.ReadFile(record.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	return output{stdout.String(), stderr.String(), string(text)}, err
}

var sanitizers = map[string][]string{
	"plain":     nil,
	"addresses": {"-fsanitize=address,undefined", "-fno-sanitize-recover=all"},
	"threads":   {"-fsanitize=thread"},
}

func TestKernel(t *testing.T) {
	for name, extra := range sanitizers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := runC(t, ctest(t, "kernel_test", nil, extra...))
			if err != nil {
				t.Errorf("%v\n%s%s", err, out.console, out.stderr)
			}
		})
	}
}

// The lines of the log and of printk, byte for byte but for the time.
func TestConsole(t *testing.T) {
	out, err := runC(t, ctest(t, "console_test", nil))
	if err != nil {
		t.Errorf("%v\n%s", err, out.stderr)
	}
	stamp := regexp.MustCompile(`\[\d\d:\d\d:\d\d\.\d{3},\d{3}\]`)
	got := stamp.ReplaceAllString(out.console, "[time]")
	// The golden file shows CR and ESC, which an editor would not keep.
	got = strings.NewReplacer("\r", "<CR>", "\x1b", "<ESC>").Replace(got)
	got += "--- record\n" + out.record
	got = regexp.MustCompile(`x{20,}`).ReplaceAllStringFunc(got, func(s string) string { return fmt.Sprintf("<%d x>", len(s)) })
	const golden = "testdata/sdk/console_test.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A crash says what happened, where, and what the last lines were.
func TestCrash(t *testing.T) {
	program := ctest(t, "crash_test", nil)
	const file = `\S*testdata/sdk/crash_test\.c:\d+ in `
	for how, want := range map[string][]string{
		"null":   {`address 0x4, a NULL pointer or a number in place of one \(SIGSEGV\)`, file + `main\(\)`, `exit 139: a pointer led`},
		"assert": {"the assertion never failed at", file + `main\(\)`, "exit 134: the assertion"},
		"isr":    {"called from an interrupt handler", "thread: interrupt", `k_msleep\(\) of the host SDK`, file + `expired\(\)`},
		"panic":  {`k_panic\(\) was called`, file + `main\(\)`},
		// Its stack is gone: the report needs another.
		"stack": {"its stack is full", "thread: worker", file + `recurses\(\)`, "the same again, at least"},
		// The lock of the heap is held: what takes memory now waits for ever.
		"heap": {`the program gave up \(SIGABRT\)`, file + `main\(\)`},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			out, err := runC(t, program, "CRASH="+how)
			if err == nil {
				t.Error("the program went on")
			}
			for _, w := range append(want, "crash_test: about to crash", "The firmware has crashed: ") {
				if !regexp.MustCompile(w).MatchString(out.stderr) {
					t.Errorf("standard error has no %q:\n%s", w, out.stderr)
				}
			}
		})
	}
}

// SIGQUIT asks where the threads are.
func TestWhereabouts(t *testing.T) {
	out, err := runC(t, ctest(t, "crash_test", nil), "CRASH=where")
	if err != nil {
		t.Error(err)
	}
	const file = `\S*testdata/sdk/crash_test\.c:\d+ in `
	want := regexp.MustCompile(`(?s)^Where the threads of the firmware are:\n    main computes at ` + file + `main\(\)\n.*` +
		`    worker is in k_mutex_lock\(\), called from ` + file + `locks\(\)\n`)
	if !want.MatchString(out.stderr) {
		t.Errorf("got:\n%s\nwant:\n%s", out.stderr, want)
	}
}

// What the SDK does not have is an error of the compiler that names it.
func TestMissing(t *testing.T) {
	cc := compiler(t, "cc")
	for name, src := range map[string]string{
		"k_pipe_put": "#include <zephyr/kernel.h>\nint main(void) { return k_pipe_put(0); }\n",
		"i2c0":       "#include <zephyr/kernel.h>\nconst struct device *d = DEVICE_DT_GET(DT_NODELABEL(i2c0));\n",
	} {
		file := filepath.Join(t.TempDir(), "missing.c")
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append(append([]string{}, flags...), "-Wno-error", "-c", file, "-o", os.DevNull)
		out, err := exec.Command(cc, args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), name) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// Every source and every header by itself is clean with both compilers.
func TestWarnings(t *testing.T) {
	for _, name := range []string{"gcc", "clang"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onlyC(t)
			cc := compiler(t, name)
			args := append(append([]string{}, flags...), "-fsyntax-only")
			run(t, cc, append(args, glob(t, "sdk/src/*.c", "sdk/src/kernel/*.c")...)...)
			var headers bytes.Buffer
			err := filepath.WalkDir("sdk/include", func(path string, d os.DirEntry, err error) error {
				// at_cmd_parser.h and at_parser.h are of different releases and exclude each other.
				if err == nil && strings.HasSuffix(path, ".h") && d.Name() != "at_cmd_parser.h" {
					rel, _ := filepath.Rel("sdk/include", path)
					headers.WriteString("#include <" + filepath.ToSlash(rel) + ">\n")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "headers.c")
			if err := os.WriteFile(file, headers.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			run(t, cc, append(args, file)...)
		})
	}
}

// What the program looks for on standard error is what the SDK says there.
func TestHeadings(t *testing.T) {
	crash, err := fs.ReadFile(firmware.SDK(), "src/crash.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, heading := range []string{firmware.CrashHeading, firmware.WhereHeading} {
		if words := strings.TrimRight(heading, "\n"); !strings.Contains(string(crash), words) {
			t.Errorf("crash.c does not say %q", words)
		}
	}
}
