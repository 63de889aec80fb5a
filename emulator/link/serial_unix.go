//go:build darwin || linux

package link

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// A side is a descriptor of a serial port of our own, in Go's poller. Writes go
// through it: with flow control they may block, and nothing could interrupt the
// library's.
type side struct {
	*os.File
	fd int
}

func openSide(path string) (side, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return side{}, err
	}
	return side{os.NewFile(uintptr(fd), path), fd}, nil
}

// setRTSCTS switches hardware flow control on, which the library cannot. Modes
// belong to the port, not to a descriptor.
func (s side) setRTSCTS() error {
	t, err := unix.IoctlGetTermios(s.fd, getModes)
	if err != nil {
		return err
	}
	t.Cflag |= unix.CRTSCTS
	return unix.IoctlSetTermios(s.fd, setModes, t)
}

func (s side) writer(io.WriteCloser) io.WriteCloser { return s.File }
