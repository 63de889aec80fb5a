package link

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// ErrInUse is returned when another process that is alive has a unix socket.
var ErrInUse = errors.New("the socket is in use")

// ListenUnix listens on a unix socket with mode 0600, in a directory that is
// private: nobody else can reach it before it has that mode. A socket that a dead
// process has left behind is replaced. The error is ErrInUse or that of the system.
func ListenUnix(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if inUse(err) {
		c, dialErr := net.DialTimeout("unix", path, time.Second)
		if dialErr == nil {
			c.Close()
			return nil, fmt.Errorf("%w: a process listens on %s; end it first", ErrInUse, path)
		}
		if !Refused(dialErr) {
			return nil, fmt.Errorf("%w: %s: %w", ErrInUse, path, dialErr)
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("cannot replace the socket of a process that has ended: %w", err)
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot make the socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("cannot make the socket private: %w", err)
	}
	return l, nil
}
