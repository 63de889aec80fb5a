//go:build unix

package link

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// A waiter waits for input of a file until it is closed. The zero value does
// not wait.
type waiter struct {
	in, wake int // descriptors
	pipe     [2]*os.File
}

func newWaiter(f *os.File) (w waiter, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return w, err
	}
	if err := conn.Control(func(fd uintptr) { w.in = int(fd) }); err != nil {
		return w, err
	}
	if w.pipe[0], w.pipe[1], err = os.Pipe(); err == nil {
		w.wake = int(w.pipe[0].Fd())
	}
	return w, err
}

// input returns when there is input, or close has been called.
func (w *waiter) input() error {
	if w.pipe[0] == nil {
		return nil
	}
	fds := []unix.PollFd{{Fd: int32(w.in), Events: unix.POLLIN}, {Fd: int32(w.wake), Events: unix.POLLIN}}
	_, err := unix.Poll(fds, -1)
	return err
}

// close ends input, of whoever holds the lock, and then lets go of the
// descriptors.
func (w *waiter) close(reading sync.Locker) {
	if w.pipe[0] == nil {
		return
	}
	w.pipe[1].Close()
	reading.Lock()
	defer reading.Unlock()
	w.pipe[0].Close()
}
