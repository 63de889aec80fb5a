//go:build unix

package link

import (
	"fmt"
	"io"
	"net"
	"syscall"
)

// readNow reads what has arrived on a connection. It does not wait: 0 bytes and no error are
// nothing.
func readNow(conn net.Conn, b []byte) (n int, err error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return 0, err
	}
	readErr := raw.Read(func(fd uintptr) bool {
		for {
			if n, err = syscall.Read(int(fd), b); err != syscall.EINTR {
				return true
			}
		}
	})
	switch {
	case readErr != nil:
		return 0, readErr
	case err == syscall.EAGAIN:
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("read %s: %w", conn.RemoteAddr(), err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
