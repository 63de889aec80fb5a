package link

import (
	"errors"

	"golang.org/x/sys/windows"
)

// Refused reports whether err says that nobody listens at an address of TCP or at the
// path of a unix socket, which may be because this version of Windows has none.
func Refused(err error) bool {
	return errors.Is(err, windows.WSAECONNREFUSED) || errors.Is(err, windows.WSAENETDOWN) || errors.Is(err, windows.WSAEAFNOSUPPORT)
}

func inUse(err error) bool { return errors.Is(err, windows.WSAEADDRINUSE) }
