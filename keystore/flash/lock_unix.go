//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package flash

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// openLocked opens a regular file, which is made unless readOnly is set, and
// locks it, for readers together or for this process alone.
func openLocked(path string, readOnly bool) (*os.File, error) {
	mode, lock := os.O_RDWR|os.O_CREATE, syscall.LOCK_EX
	if readOnly {
		mode, lock = os.O_RDONLY, syscall.LOCK_SH
	}
	// O_NONBLOCK: opening a named pipe by mistake must not wait for a writer.
	file, err := openRegular(path, mode|syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	switch err := syscall.Flock(int(file.Fd()), lock|syscall.LOCK_NB); {
	case err == nil:
		return file, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		file.Close()
		return nil, errInUse
	default:
		file.Close()
		return nil, fmt.Errorf("locking it failed: %w", err)
	}
}
