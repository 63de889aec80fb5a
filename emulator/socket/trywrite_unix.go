//go:build unix

package socket

import "syscall"

// tryWrite writes what the host takes at once.
func tryWrite(raw syscall.RawConn, b []byte) (n int, err error) {
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for {
			n, failed = syscall.Write(int(fd), b)
			if failed != syscall.EINTR {
				return true
			}
		}
	})
	if err == nil && failed != syscall.EAGAIN {
		err = failed
	}
	return max(n, 0), err
}
