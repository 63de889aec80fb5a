//go:build unix

package exec

import (
	osexec "os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownGroup gives a command that is to be started a process group of its own, so
// that the children of a shell end with it.
func ownGroup(cmd *osexec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup ends a command and what it has left behind.
func killGroup(cmd *osexec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// terminateGroup asks a command and its children to end.
func terminateGroup(cmd *osexec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// signalName returns a signal's name, such as SIGSEGV.
func signalName(s syscall.Signal) string {
	if name := unix.SignalName(s); name != "" {
		return name
	}
	return "signal " + strconv.Itoa(int(s))
}
