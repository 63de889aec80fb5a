package lab

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
)

// endOf puts into words how a program has ended, and whether that was a crash. The
// text is "" if it has ended in good order.
func endOf(err error) (text string, crashed bool) {
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return "", false
	case !errors.As(err, &exit):
		return err.Error(), true
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return "it has crashed: " + status.Signal().String(), true
	}
	// A program that ends by a signal inside a sandbox, or that reports one itself.
	if code := exit.ExitCode(); code > 128 && code < 160 {
		return "it has crashed: " + syscall.Signal(code-128).String(), true
	}
	return fmt.Sprintf("it has ended with status %d", exit.ExitCode()), true
}
