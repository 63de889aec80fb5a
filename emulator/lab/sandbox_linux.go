package lab

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A sandbox runs commands by bubblewrap: in namespaces of their own, with no network,
// no files but the system's programs and what is bound into it, a filter of system calls,
// and limits.
type sandbox struct {
	bwrap      string
	noNesting  bool   // bwrap can forbid further namespaces
	dir        string // with a folder for each seat
	owner      int    // the user of seat 0, if the lab is root: another one for each seat
	warden     *warden
	systemDirs []string // arguments for bwrap
	filter     string   // a file with the filter of system calls
}

// firstUser is where the users of seats begin if the lab runs as root: the numbers that
// systemd gives to services for a while.
const firstUser = 64000

// openSandbox finds out whether sandboxes are possible, by making one.
func openSandbox(dir string) (*sandbox, error) {
	bwrap, err := exec.LookPath("bwrap")
	if err != nil {
		return nil, sandboxHelp(errors.New("bwrap is not installed"))
	}
	for _, program := range []string{"/usr/bin/prlimit", "/usr/bin/nice"} {
		if _, err := os.Stat(program); err != nil {
			return nil, sandboxHelp(err)
		}
	}
	s := &sandbox{bwrap: bwrap, dir: dir, noNesting: true}
	if os.Geteuid() == 0 {
		s.owner = firstUser
		if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, err
	}
	s.systemDirs = []string{"--ro-bind", "/usr", "/usr"}
	for _, d := range []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"} {
		if to, err := os.Readlink("/" + d); err == nil {
			s.systemDirs = append(s.systemDirs, "--symlink", to, "/"+d)
		} else if _, err := os.Stat("/" + d); err == nil {
			s.systemDirs = append(s.systemDirs, "--ro-bind", "/"+d, "/"+d)
		}
	}
	for _, f := range []string{"/etc/alternatives", "/etc/ld.so.cache"} {
		s.systemDirs = append(s.systemDirs, "--ro-bind-try", f, f)
	}
	filter := systemCallFilter()
	if filter == nil {
		return nil, sandboxHelp(errors.New("this machine's system calls cannot be filtered"))
	}
	s.filter = filepath.Join(dir, "filter")
	if err := os.WriteFile(s.filter, filter, 0o644); err != nil {
		return nil, err
	}
	folder, err := s.folder(0) // which its user must be able to reach
	if err != nil {
		return nil, err
	}
	for {
		cmd, closeFiles, err := s.command(0, runLimits, []bind{{folder, insideCode}}, nil, []string{"/bin/sh", "-c", "test -d " + insideCode + " && test ! -e /etc/passwd"})
		if err != nil {
			return nil, err
		}
		out, err := cmd.CombinedOutput()
		closeFiles()
		if err == nil {
			break
		}
		if s.noNesting {
			s.noNesting = false // an older bubblewrap, or a kernel that cannot
			continue
		}
		return nil, sandboxHelp(fmt.Errorf("a trial failed: %w: %s", err, firstLine(out)))
	}
	s.warden = newWarden()
	return s, nil
}

func (s *sandbox) close() { s.warden.close() }

// folder is where a seat's sandboxes get their files from.
func (s *sandbox) folder(seat int) (string, error) {
	dir := filepath.Join(s.dir, strconv.Itoa(seat))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, s.give(seat, dir)
}

// give makes a file one that the user of a seat's sandboxes can reach.
func (s *sandbox) give(seat int, path string) error {
	if s.owner == 0 {
		return nil
	}
	return os.Chown(path, s.owner+seat, s.owner+seat)
}

// keepDescriptors keeps from programs that are started what this one was started with, such
// as a lock that its shell holds: the standard library does so only with what it opens itself.
func keepDescriptors() error {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	entries, err := os.ReadDir("/proc/self/fd") // a kernel before 5.11
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n > 2 {
			unix.CloseOnExec(n)
		}
	}
	return err
}

// command makes the command that runs args in a sandbox, into which copies are put as
// programs. closeFiles is called when it has been started.
func (s *sandbox) command(seat int, max limits, binds, copies []bind, args []string) (cmd *exec.Cmd, closeFiles func(), err error) {
	if err := keepDescriptors(); err != nil {
		return nil, nil, err
	}
	var files []*os.File
	closeFiles = func() {
		for _, f := range files {
			f.Close()
		}
	}
	for _, c := range append(slices.Clip(copies), bind{host: s.filter}) {
		f, err := os.Open(c.host)
		if err != nil {
			closeFiles()
			return nil, nil, err
		}
		files = append(files, f)
	}
	a := []string{
		"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
		"--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
		"--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp", "--setenv", "LC_ALL", "C.UTF-8",
		"--setenv", "NRF91EMU_LIBRARY", insideModem, "--setenv", "NRF91EMU_DATA", "/tmp",
	}
	if s.noNesting {
		a = append(a, "--disable-userns")
	}
	a = append(a, s.systemDirs...)
	a = append(a, "--proc", "/proc", "--dev", "/dev", "--size", strconv.FormatInt(max.files, 10), "--tmpfs", "/tmp")
	for _, b := range binds {
		a = append(a, "--ro-bind", b.host, b.inside)
	}
	for i, c := range copies {
		a = append(a, "--perms", "0555", "--file", strconv.Itoa(3+i), c.inside)
	}
	a = append(a, "--seccomp", strconv.Itoa(3+len(copies)), "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--",
		"/usr/bin/nice", "-n", "10", "/usr/bin/prlimit",
		fmt.Sprintf("--nproc=%d", max.processes), fmt.Sprintf("--as=%d", max.address), fmt.Sprintf("--fsize=%d", max.file),
		fmt.Sprintf("--cpu=%d", max.cpu), "--nofile=256", "--core=0", "--memlock=65536", "--msgqueue=0", "--")
	cmd = exec.Command(s.bwrap, append(a, args...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	cmd.Dir = "/"
	cmd.ExtraFiles = files
	if s.owner != 0 {
		id := uint32(s.owner + seat)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	}
	return cmd, closeFiles, nil
}

// memoryOf counts the memory of a process and all below it, in bytes.
func memoryOf(pid int) int64 {
	total, queue := int64(0), []int{pid}
	for n := 0; len(queue) > 0 && n < 1000; n++ {
		p := strconv.Itoa(queue[0])
		queue = queue[1:]
		if text, err := os.ReadFile("/proc/" + p + "/statm"); err == nil {
			if f := strings.Fields(string(text)); len(f) > 1 {
				pages, _ := strconv.ParseInt(f[1], 10, 64)
				total += pages * int64(os.Getpagesize())
			}
		}
		// Threads may have children of their own.
		tasks, _ := os.ReadDir("/proc/" + p + "/task")
		for _, t := range tasks {
			text, _ := os.ReadFile("/proc/" + p + "/task/" + t.Name() + "/children")
			for _, child := range strings.Fields(string(text)) {
				if id, err := strconv.Atoi(child); err == nil {
					queue = append(queue, id)
				}
			}
		}
	}
	return total
}
