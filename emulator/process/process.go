package process

import (
	"os/exec"
	"runtime"
)

// Start starts a command in a process group of its own, see [Group], and calls done,
// once, with what its Wait has returned. On Linux the system kills the command when this
// process ends, whatever ended that; what the command has started goes on then.
func Start(cmd *exec.Cmd, done func(error)) error {
	Group(cmd)
	endWithParent(cmd)
	started := make(chan error, 1)
	go func() {
		// The parent whose end counts is the thread that has started the command: it must
		// not end before.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			done(cmd.Wait())
		}
	}()
	return <-started
}
