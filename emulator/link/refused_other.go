//go:build !windows

package link

import (
	"errors"
	"syscall"
)

// Refused reports whether err says that nobody listens at an address of TCP or at the
// path of a unix socket.
func Refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
