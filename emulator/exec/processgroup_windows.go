package exec

import (
	osexec "os/exec"
	"syscall"
)

// ownGroup does nothing: the children of a command do not end with it here.
func ownGroup(*osexec.Cmd) {}

// killGroup ends a command.
func killGroup(cmd *osexec.Cmd) { cmd.Process.Kill() }

// terminateGroup ends a command: it cannot be asked to.
func terminateGroup(cmd *osexec.Cmd) { cmd.Process.Kill() }

// signalName returns what a signal is called.
func signalName(s syscall.Signal) string { return s.String() }
