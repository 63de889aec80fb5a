package testvectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// maxPending is how much a device may send ahead of the player, in bytes;
// beyond that the port is not read until there is room.
const maxPending = 1 << 20

// A Port is the host's end of a line to a device. It makes one of anything
// that reads and writes, whether or not that knows deadlines: a pty, a serial
// port, a network connection or a pipe in the process.
//
// It reads in a goroutine of its own, so that no device can make the player
// hang. One Port serves any number of plays, one after another.
type Port struct {
	rw io.ReadWriter

	mu   sync.Mutex
	buf  []byte
	err  error         // that ended the reading
	more chan struct{} // holds a token when buf or err has changed
	room chan struct{} // holds a token when buf has become smaller

	closing chan struct{}
	done    chan struct{} // closed when the reader has ended
}

// NewPort starts to read from rw. If rw is an [io.Closer], [Port.Close] closes
// it; otherwise its Read must return some day for the reader to end.
func NewPort(rw io.ReadWriter) *Port {
	p := &Port{
		rw:      rw,
		more:    make(chan struct{}, 1),
		room:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	go p.read()
	return p
}

// Close closes the line, if it can be closed, and then waits for the reader.
func (p *Port) Close() error {
	close(p.closing)
	c, ok := p.rw.(io.Closer)
	if !ok {
		return nil
	}
	err := c.Close()
	<-p.done
	return err
}

func (p *Port) read() {
	defer close(p.done)
	chunk := make([]byte, 4096)
	for {
		n, err := p.rw.Read(chunk)
		if isTimeout(err) {
			err = nil // somebody set a deadline; it does not end the line
		}
		p.mu.Lock()
		p.buf = append(p.buf, chunk[:n]...)
		p.err = err
		full := len(p.buf) >= maxPending
		p.mu.Unlock()
		if n > 0 || err != nil {
			token(p.more)
		}
		if err != nil {
			return
		}
		if n == 0 {
			// A serial port with a read timeout returns nothing and no error.
			// One that does so at once must not take a processor for itself.
			if !p.pause(time.Millisecond) {
				return
			}
		}
		for full {
			select {
			case <-p.room:
			case <-p.closing:
				return
			}
			p.mu.Lock()
			full = len(p.buf) >= maxPending
			p.mu.Unlock()
		}
	}
}

func (p *Port) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-p.closing:
		return false
	}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pending returns what has come and was not taken. The slice is valid until
// take.
func (p *Port) pending() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf
}

// take removes the first n pending bytes and returns them.
func (p *Port) take(n int) []byte {
	p.mu.Lock()
	taken := p.buf[:n:n]
	p.buf = p.buf[n:]
	p.mu.Unlock()
	token(p.room)
	return taken
}

// errQuiet says that nothing has come in time.
var errQuiet = errors.New("nothing came in time")

// await waits until more than n bytes are pending, at most until the timer
// fires.
func (p *Port) await(ctx context.Context, n int, timer <-chan time.Time) error {
	for {
		p.mu.Lock()
		have, err := len(p.buf), p.err
		p.mu.Unlock()
		if have > n {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the port has ended: %w", err)
		}
		select {
		case <-p.more:
		case <-timer:
			if len(p.pending()) > n {
				return nil // it came at the same moment
			}
			return errQuiet
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// settle takes all that comes until nothing has come for a while, but at most
// for a given time.
func (p *Port) settle(ctx context.Context, quiet, atMost time.Duration) ([]byte, error) {
	var all []byte
	for end := time.Now().Add(atMost); time.Now().Before(end); {
		timer := time.NewTimer(quiet)
		err := p.await(ctx, 0, timer.C)
		timer.Stop()
		if errors.Is(err, errQuiet) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, p.take(len(p.pending()))...)
		if len(all) > maxPending {
			return all, nil
		}
	}
	return all, nil
}

// send writes b, at most for the given time.
func (p *Port) send(ctx context.Context, b []byte, timeout time.Duration) error {
	done := make(chan error, 1)
	go func() {
		_, err := p.rw.Write(b)
		done <- err
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("cannot send to the port: %w", err)
		}
		return nil
	case <-timer.C:
		return fmt.Errorf("the port took no bytes for %v: does anybody read at the other end, and is flow control set alike at both?", timeout)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
