package socket

import (
	"net"
	"sync"
	"syscall"
	"time"
)

// linger is how long a closed connection may still take to send what it has
// accepted (that of crypto/tls for its last alert).
const linger = 5 * time.Second

// holdLimit is how much is held at most before it goes out, in bytes.
const holdLimit = 32 << 10

// outConn is a TCP connection whose Write never waits, so that it can be called
// under a lock: what the host does not take at once is kept, and a goroutine
// writes it. A socket writes nothing more while something is kept (see full), so
// that this is at most one message and what TLS adds to it, or what was held.
type outConn struct {
	net.Conn
	raw   syscall.RawConn // nil where the host gives none, as in tests
	spawn func(func())

	mu      sync.Mutex
	holding bool   // what is written may wait for more
	held    []byte // that waits so; none while something is kept
	kept    []byte
	err     error
	closing bool
	drained func() // called without the lock each time nothing is kept any more
}

func newOutConn(c net.Conn, spawn func(func())) *outConn {
	o := &outConn{Conn: c, spawn: spawn}
	if sc, ok := c.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			o.raw = raw
		}
	}
	return o
}

// Write accepts all of b or fails.
func (o *outConn) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err != nil:
		return 0, o.err
	case o.closing:
		return 0, net.ErrClosed
	case len(o.kept) > 0:
		o.kept = append(o.kept, b...)
		return len(b), nil
	case o.holding:
		if o.held = append(o.held, b...); len(o.held) < holdLimit {
			return len(b), nil
		}
		if o.release(); o.err != nil {
			return 0, o.err
		}
		return len(b), nil
	}
	if o.send(b); o.err != nil {
		return 0, o.err
	}
	return len(b), nil
}

// send has the host take b, now or later. The caller holds the lock.
func (o *outConn) send(b []byte) {
	n, err := o.try(b)
	if err != nil {
		o.err = err
		return
	}
	if n < len(b) {
		o.kept = append([]byte(nil), b[n:]...)
		o.spawn(o.flush)
	}
}

// release sends what was held. The caller holds the lock.
func (o *outConn) release() {
	if len(o.held) > 0 && o.err == nil {
		o.send(o.held)
	}
	o.held = o.held[:0]
}

// hold begins to keep small writes together, or ends it and sends them.
func (o *outConn) hold(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.holding = on; !on {
		o.release()
	}
}

// try writes what the host takes at once.
func (o *outConn) try(b []byte) (n int, err error) {
	if o.raw == nil {
		return 0, nil
	}
	return tryWrite(o.raw, b)
}

// flush writes what is kept, waiting as long as it takes.
func (o *outConn) flush() {
	o.mu.Lock()
	for len(o.kept) > 0 && o.err == nil {
		b := o.kept
		o.mu.Unlock()
		n, err := o.Conn.Write(b)
		o.mu.Lock()
		o.kept = o.kept[n:]
		o.err = err
	}
	o.kept = nil
	drained := o.drained
	if o.closing {
		o.Conn.Close()
	}
	o.mu.Unlock()
	if drained != nil {
		drained()
	}
}

// full reports whether something is kept.
func (o *outConn) full() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.kept) > 0
}

// onDrained sets what is called when nothing is kept any more.
func (o *outConn) onDrained(fn func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drained = fn
}

// Close closes the connection, after what is kept has gone out.
func (o *outConn) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.release()
	o.closing = true
	if len(o.kept) == 0 {
		return o.Conn.Close()
	}
	o.Conn.SetReadDeadline(time.Now())
	return o.Conn.SetWriteDeadline(time.Now().Add(linger))
}

// abort closes the connection at once.
func (o *outConn) abort() {
	o.mu.Lock()
	o.closing = true
	o.mu.Unlock()
	o.Conn.Close()
}

// SetWriteDeadline does nothing, since Write does not wait.
func (o *outConn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline sets the deadline of reads.
func (o *outConn) SetDeadline(t time.Time) error { return o.Conn.SetReadDeadline(t) }
