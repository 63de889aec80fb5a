//go:build !linux

package lab

import (
	"errors"
	"os/exec"
)

// A sandbox needs Linux.
type sandbox struct{ warden *warden }

func openSandbox(string) (*sandbox, error) {
	return nil, sandboxHelp(errors.New("sandboxes need Linux"))
}

func (s *sandbox) close() {}

func (s *sandbox) folder(int) (string, error) { return "", errors.ErrUnsupported }

func (s *sandbox) give(int, string) error { return errors.ErrUnsupported }

func (s *sandbox) command(int, limits, []bind, []bind, []string) (*exec.Cmd, func(), error) {
	return nil, nil, errors.ErrUnsupported
}

func memoryOf(int) int64 { return 0 }
