//go:build linux || darwin

package link

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// markWait is how long, in milliseconds, a mark waits for room before it looks whether
// it is still wanted.
const markWait = 10

// A mark is a byte behind what hosts have sent to a pty, by which Read knows that it has
// come to the end: the kernel cannot be asked, since bytes that it has given to Read have
// not been used yet. There is one at a time.
type mark struct {
	on atomic.Bool // it is there, or is about to be

	// putting is held while it is put there and while Read looks for it.
	putting sync.Mutex
	reached chan struct{}

	passed chan struct{} // reached, once Read has taken the mark out; Read has this to itself
}

// next is called by Read before it waits for more: what stood before the mark has been used.
func (m *mark) next() {
	if m.passed != nil {
		close(m.passed)
		m.passed = nil
	}
}

// cut takes the mark out of what was read from a pty, if that is the end of all there is, and
// returns how many bytes are left.
func (m *mark) cut(n, master int) int {
	if n == 0 || !m.on.Load() {
		return n
	}
	m.putting.Lock()
	defer m.putting.Unlock()
	if !m.on.Load() || ready(master, unix.POLLIN, 0) {
		return n
	}
	m.on.Store(false)
	m.passed = m.reached
	return n - 1
}

// put puts the mark there through the hosts' end, and returns what is closed when Read has come
// to it; nil if there is no room.
func (m *mark) put(slave int) (<-chan struct{}, error) {
	m.putting.Lock()
	defer m.putting.Unlock()
	if m.on.Load() {
		return nil, errors.New("it was given up before, and the mark is still there")
	}
	m.reached = make(chan struct{})
	m.on.Store(true)
	n, err := 0, error(nil)
	if ready(slave, unix.POLLOUT, 0) {
		n, err = unix.Write(slave, []byte{0})
	}
	if n == 1 {
		return m.reached, nil
	}
	m.on.Store(false)
	if err == unix.EAGAIN || err == unix.EINTR {
		err = nil
	}
	return nil, err
}

// ready reports whether a descriptor can be read from or written to within so many milliseconds.
// Of the master of a pty Linux then brings up what is still on its way there.
func ready(fd int, events int16, wait int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	n, err := unix.Poll(fds, wait)
	return err == nil && n > 0 && fds[0].Revents&events != 0
}

// Drain waits until what hosts have sent has been read and used. A host that sends something
// meanwhile may lose a byte. After an error there may be a NUL in what Read returns.
func (p *PTY) Drain(ctx context.Context) error {
	if !p.acquire() {
		return fmt.Errorf("drain %s: %w", p.path, os.ErrClosed)
	}
	defer p.release()
	var reached <-chan struct{}
	for {
		err := p.withSlave(func(slave int) (err error) {
			restart(slave)
			if reached, err = p.mark.put(slave); err == nil && reached == nil {
				ready(slave, unix.POLLOUT, markWait) // what waits is all from before: somebody has to read
			}
			return err
		})
		switch {
		case err != nil:
			return fmt.Errorf("drain %s: %w", p.path, err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		if reached != nil {
			break
		}
	}
	select {
	case <-reached:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
