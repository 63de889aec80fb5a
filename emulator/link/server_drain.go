package link

import (
	"context"
	"net"
	"sync"
	"time"
)

// probes are connections of a server to itself. A listener hands out connections in the order in
// which they were made: when it has handed out a probe, it has all those from before.
type probes struct {
	mu      sync.Mutex
	pending map[string]chan struct{} // by the address of the probe
}

// wait returns when all connections from before have been accepted.
func (p *probes) wait(ctx context.Context, addr net.Addr) error {
	p.mu.Lock()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, addr.Network(), addr.String())
	if err != nil {
		p.mu.Unlock()
		return err
	}
	defer conn.Close()
	came := make(chan struct{})
	if p.pending == nil {
		p.pending = make(map[string]chan struct{})
	}
	name := conn.LocalAddr().String()
	p.pending[name] = came
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.pending, name)
	}()
	select {
	case <-came:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take reports whether a connection is a probe, and ends it then.
func (p *probes) take(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := conn.RemoteAddr().String()
	came := p.pending[name]
	if came == nil {
		return false
	}
	delete(p.pending, name)
	close(came)
	conn.Close()
	return true
}

// Drain waits until what clients have sent has been read and used: of those that have gone, to
// the end of the stream; of those that stay, what has arrived.
func (s *Server) Drain(ctx context.Context) error {
	if err := s.probes.wait(ctx, s.Addr()); err != nil {
		return err
	}
	type wait struct{ heard, drained chan struct{} }
	var waits []wait
	s.mu.Lock()
	for c := range s.clients {
		c.drained = make(chan struct{})
		waits = append(waits, wait{c.heard, c.drained})
		_ = c.conn.SetReadDeadline(time.Unix(1, 0)) // wakes its reader; one that is closed is no more
	}
	s.mu.Unlock()
	for _, w := range waits {
		select {
		case <-w.drained:
		case <-w.heard:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return s.in.drain(ctx)
}

// receive reads what the client sends, or only what is there, without waiting: 0 bytes if that is
// nothing.
func (c *client) receive(buf []byte, draining bool) (int, error) {
	if !draining {
		return c.conn.Read(buf)
	}
	_ = c.conn.SetReadDeadline(time.Time{}) // the read says it if the connection has been closed
	return readNow(c.conn, buf)
}

// tellDrained tells who waits for it that all that had come was read.
func (c *client) tellDrained() {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
}
