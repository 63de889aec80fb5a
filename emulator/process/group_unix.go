//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// Group gives a command that is to be started a process group of its own: what a
// terminal sends on Ctrl-C does not reach it, and [Kill] and [Terminate] reach its
// children.
func Group(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Setpgid = true
}

// Kill ends a command that has a group of its own, with all of that, also after the
// command itself has ended.
func Kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// Terminate asks a command and its group to end.
func Terminate(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// Inquire sends a command SIGQUIT, by which firmware in C says where its threads are and goes
// on. Other programs end.
func Inquire(cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGQUIT) }
