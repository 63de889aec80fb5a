package process

import "os/exec"

// Group does nothing here.
func Group(*exec.Cmd) {}

// Kill ends a command; its children go on.
func Kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// Terminate ends a command: it cannot be asked to.
func Terminate(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// Inquire does nothing: there is no such signal.
func Inquire(*exec.Cmd) {}
