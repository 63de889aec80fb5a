//go:build unix

package exec

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName returns a signal's name, such as SIGSEGV.
func signalName(s syscall.Signal) string {
	if name := unix.SignalName(s); name != "" {
		return name
	}
	return "signal " + strconv.Itoa(int(s))
}
