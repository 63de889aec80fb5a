//go:build linux || darwin

package link

import (
	"sync"
	"sync/atomic"
)

// users counts who uses the descriptors of a port, so that they are closed once the
// port has been closed and nobody uses them any more.
type users struct {
	closing atomic.Bool
	refs    atomic.Int64 // those who use them, and one for the open port
	done    sync.Once
	free    func() // closes the descriptors
}

// begin begins the life of a port, whose descriptors free closes.
func (u *users) begin(free func()) {
	u.free = free
	u.refs.Store(1)
}

// acquire protects the descriptors from being closed until release. It fails
// when the port is closed.
func (u *users) acquire() bool {
	u.refs.Add(1)
	if u.closing.Load() {
		u.release()
		return false
	}
	return true
}

func (u *users) release() {
	if u.refs.Add(-1) == 0 {
		u.done.Do(u.free)
	}
}
