//go:build !linux

package lab

import "os/exec"

// startOwn starts a program and calls done when it has ended.
func startOwn(cmd *exec.Cmd, done func(error)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { done(cmd.Wait()) }()
	return nil
}

// killTree ends a program.
func killTree(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
