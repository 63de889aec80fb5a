//go:build !linux

package main

import osexec "os/exec"

// groupOfItsOwn does nothing here: firmware on the host needs Linux.
func groupOfItsOwn(*osexec.Cmd) {}

// killGroup ends a program.
func killGroup(cmd *osexec.Cmd) { _ = cmd.Process.Kill() }
