package lab

import (
	"os/exec"
	"runtime"
	"syscall"
)

// ownGroup keeps a program from the terminal's signals; it ends with this process.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// startOwn starts a program that ends with this process at the latest, and calls done
// when it has ended.
func startOwn(cmd *exec.Cmd, done func(error)) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = ownGroup()
	}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the signal comes when the thread that has started it ends
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			done(cmd.Wait())
		}
	}()
	return <-started
}

// killTree ends a program and what it has started.
func killTree(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
