package main

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// TestMain makes this test binary the program too, so that scripts run it, and the
// firmware under test.
func TestMain(m *testing.M) {
	commands := maps.Clone(programs)
	commands["nrf91emu"] = main
	testscript.Main(m, commands)
}

// TestScripts runs the command line as users do, see testdata/script.
func TestScripts(t *testing.T) { runScripts(t, "testdata/script") }

// runScripts runs the scripts in a directory, with these variables of the environment.
func runScripts(t *testing.T, dir string, variables ...string) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_RUNTIME_DIR", env.WorkDir)
			for _, name := range variables {
				env.Setenv(name, os.Getenv(name))
			}
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each program ends a second late with -race
			return os.Chmod(env.WorkDir, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"appears": appears,
			"exits":   exits,
			"stale":   stale,
		},
	})
}

// appears waits until a file is there, or with ! until it is gone: a modem in
// the background has made its port then, or removed it. The kernel tells when
// something in the directory changes.
func appears(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: appears FILE")
	}
	path := ts.MkAbs(args[0])
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	ts.Check(err)
	changes := os.NewFile(uintptr(fd), "inotify")
	defer changes.Close()
	_, err = unix.InotifyAddWatch(fd, filepath.Dir(path), unix.IN_CREATE|unix.IN_DELETE|unix.IN_MOVED_TO|unix.IN_MOVED_FROM)
	ts.Check(err)
	ts.Check(changes.SetReadDeadline(time.Now().Add(20 * time.Second)))
	for buf := make([]byte, 4096); ; {
		if _, err := os.Lstat(path); (err == nil) != neg {
			return
		}
		if _, err := changes.Read(buf); err != nil {
			ts.Fatalf("%s: waited in vain: %v", filepath.Base(path), err)
		}
	}
}

// stale wants a JUnit report that has taken the place of an older one, and tells one test that
// could not be run, and why.
func stale(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: stale FILE REASON")
	}
	text := ts.ReadFile(args[0])
	for _, want := range []string{` tests="1" failures="0" errors="1"`, args[1], "fix: "} {
		if !strings.Contains(text, want) {
			ts.Fatalf("%s does not contain %q:\n%s", args[0], want, text)
		}
	}
}

// exits runs a command that must end with an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exited *exec.ExitError
	got := 0
	if errors.As(err, &exited) {
		got = exited.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s ended with exit code %d, not %d", args[1], got, want)
	}
}
