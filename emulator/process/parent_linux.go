package process

import (
	"os/exec"
	"syscall"
)

// endWithParent has the system kill a command when the thread that starts it has ended.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL }
