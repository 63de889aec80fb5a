package main

import (
	osexec "os/exec"
	"syscall"
)

// groupOfItsOwn keeps Ctrl-C, which a terminal sends to all of a group, from a program
// that is to be started. It ends with this process.
func groupOfItsOwn(cmd *osexec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup ends a program and what it has started.
func killGroup(cmd *osexec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
