package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of a server.
const (
	// clientLimit is how many bytes wait for a client that does not read. A
	// client that falls behind further is disconnected, so that it does not
	// hold up the others.
	clientLimit = 1 << 20

	// serverKeep is how much of what the modem sends before the first client
	// comes waits for it, in bytes.
	serverKeep = 4096

	// maxClients is how many clients a server has at once.
	maxClients = 64

	// lingerTime is how long a client that has ended its input still gets
	// output: "echo AT | nc" wants the answer.
	lingerTime = time.Second
)

// A Server is a [Port] that TCP clients reach, one UART for all of them: each
// client sees what the modem sends, and what they send is merged in the order of
// arrival.
//
// What the modem sends before the first client comes waits for it, up to 4 kB.
// What it sends later while there is no client is discarded. A client that does
// not read is disconnected when 1 MB waits for it. While the modem does not read,
// 64 kB wait for it; then TCP holds the clients back.
type Server struct {
	listener net.Listener
	name     string
	telnet   bool // speak RFC 2217
	in       *stream
	dropped  atomic.Uint64

	mu      sync.Mutex
	clients map[*client]struct{}
	kept    []byte // waits for the first client
	ever    bool   // there was a client
	closed  bool
	line    Line
	onLine  func(Line)
	probes  probes
}

var (
	_ Port     = (*Server)(nil)
	_ Drainer  = (*Server)(nil)
	_ Attacher = (*Server)(nil)
	_ Dropper  = (*Server)(nil)
	_ Liner    = (*Server)(nil)
)

// ListenTCP makes the port reachable by plain TCP, bytes as they are. The
// address is HOST:PORT; see [ListenAddress].
func ListenTCP(addr string) (*Server, error) { return listen(addr, SchemeTCP, false) }

// ListenRFC2217 makes the port reachable as a serial port over TCP: telnet with
// the COM-PORT option of RFC 2217. Clients set baud rate, format, control lines
// and break; see [Server.Line].
func ListenRFC2217(addr string) (*Server, error) { return listen(addr, SchemeRFC2217, true) }

func listen(addr, scheme string, telnet bool) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address or port", addr, err)
	}
	s := &Server{
		listener: l,
		name:     scheme + ":" + l.Addr().String(),
		telnet:   telnet,
		in:       newStream(),
		clients:  make(map[*client]struct{}),
		line:     Line{Baud: DefaultBaud, DataBits: 8, StopBits: 2},
	}
	go s.accept()
	return s, nil
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			s.mu.Lock()
			closed := s.closed
			s.mu.Unlock()
			if closed {
				return
			}
			time.Sleep(50 * time.Millisecond) // too many open files, for instance
			continue
		}
		if !s.probes.take(conn) {
			s.add(conn)
		}
	}
}

// add makes conn a client.
func (s *Server) add(conn net.Conn) {
	c := &client{server: s, conn: conn, heard: make(chan struct{})}
	c.changed.L = &s.mu
	s.mu.Lock()
	for other := range s.clients {
		if other.over && len(s.clients) >= maxClients {
			other.end()
			delete(s.clients, other)
		}
	}
	if s.closed || len(s.clients) >= maxClients {
		s.mu.Unlock()
		conn.Close()
		return
	}
	s.clients[c] = struct{}{}
	s.ever = true
	if s.telnet {
		c.telnet = newTelnet(c)
		c.telnet.start()
	}
	c.enqueue(s.kept)
	s.kept = nil
	changed := func() {}
	if len(s.clients) == 1 {
		changed = s.setLine(func(l *Line) { l.DTR, l.RTS = true, true })
	}
	s.mu.Unlock()
	changed()
	go c.read()
	go c.write()
}

// Addr returns the address on which the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Name returns the protocol and the address, as in "tcp:127.0.0.1:4242", which [Dial]
// takes.
func (s *Server) Name() string { return s.name }

// Attached reports whether there is a client.
func (s *Server) Attached() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients) > 0
}

// Opened reports whether a client has come at any time.
func (s *Server) Opened() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ever
}

// Dropped returns how many bytes were discarded because nobody was there, or
// because a client did not read.
func (s *Server) Dropped() uint64 { return s.dropped.Load() }

// Read waits for bytes from any client.
func (s *Server) Read(b []byte) (int, error) { return s.in.read(b) }

// Write queues b for all clients; it does not block.
func (s *Server) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, fmt.Errorf("write %s: %w", s.name, os.ErrClosed)
	case len(s.clients) == 0 && !s.ever:
		k := min(len(b), serverKeep-len(s.kept))
		s.kept = append(s.kept, b[:k]...)
		s.dropped.Add(uint64(len(b) - k))
	case len(s.clients) == 0:
		s.dropped.Add(uint64(len(b)))
	}
	for c := range s.clients {
		c.enqueue(b)
	}
	return len(b), nil
}

// Close stops listening and disconnects all clients.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.listener.Close()
	for c := range s.clients {
		c.end()
	}
	s.in.shut(true)
	return err
}

// Line returns the state of the line as the clients have set it, the last word
// counting. DTR and RTS go up with the first client and down with the last one.
// Baud rate and format change nothing in what is transmitted.
func (s *Server) Line() Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line
}

// OnLine sets what is called after each change of the line.
func (s *Server) OnLine(f func(Line)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onLine = f
}

// setLine changes the state of the line. It returns what to call once mu, which
// the caller holds, is free.
func (s *Server) setLine(change func(*Line)) func() {
	l := s.line
	change(&l)
	if l == s.line {
		return func() {}
	}
	s.line = l
	f := s.onLine
	if f == nil {
		return func() {}
	}
	return func() { f(l) }
}

// remove forgets a client.
func (s *Server) remove(c *client) {
	s.mu.Lock()
	delete(s.clients, c)
	c.end()
	changed := func() {}
	if len(s.clients) == 0 {
		changed = s.setLine(func(l *Line) { l.DTR, l.RTS, l.Break = false, false, false })
	}
	s.mu.Unlock()
	changed()
}

// A client is one connection to a Server. Its fields are guarded by the
// server's mu.
type client struct {
	server  *Server
	conn    net.Conn
	telnet  *telnet // nil on plain TCP
	changed sync.Cond

	control []byte // telnet's own, goes before data
	data    []byte // from the modem, as it goes over the wire
	paused  bool   // the client asked us to stop sending data
	ended   bool
	deaf    bool // it takes nothing any more; what it has sent is still read
	over    bool // it has ended its input, and lingers

	heard   chan struct{} // closed when nothing more comes from it
	drained chan struct{} // closed when all that has come was read; nil if nobody asks
}

// enqueue queues what the modem sends. The caller holds mu.
func (c *client) enqueue(b []byte) {
	if c.ended || c.deaf {
		return
	}
	if len(c.data)+len(b) > clientLimit {
		c.server.dropped.Add(uint64(len(c.data) + len(b)))
		c.end()
		return
	}
	if c.telnet != nil {
		c.data = escape(c.data, b)
	} else {
		c.data = append(c.data, b...)
	}
	c.changed.Signal()
}

// reply queues what telnet has to say. The caller holds mu.
func (c *client) reply(b ...byte) {
	if c.deaf {
		return
	}
	if len(c.control)+len(b) > clientLimit {
		c.end()
		return
	}
	c.control = append(c.control, b...)
	c.changed.Signal()
}

// end disconnects the client. The caller holds mu.
func (c *client) end() {
	if c.ended {
		return
	}
	c.ended = true
	c.control, c.data = nil, nil
	c.conn.Close()
	c.changed.Signal()
}

// read passes on what the client sends.
func (c *client) read() {
	defer close(c.heard)
	buf := make([]byte, 4096)
	draining := false
	for {
		n, err := c.receive(buf, draining)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			draining, err = true, nil // see Drain
		case n == 0 && err == nil:
			draining = false
			c.tellDrained()
		}
		b := buf[:n]
		if c.telnet != nil {
			b = c.telnet.receive(b)
		}
		if len(b) > 0 {
			if _, err := c.server.in.write(b); err != nil {
				break
			}
		}
		if errors.Is(err, io.EOF) {
			c.server.mu.Lock()
			c.over = true
			c.server.mu.Unlock()
			time.AfterFunc(lingerTime, func() { c.server.remove(c) })
			return
		}
		if err != nil {
			break
		}
	}
	c.server.remove(c)
}

// write sends what is queued, all of it in one system call.
func (c *client) write() {
	s := c.server
	var spare []byte
	for {
		s.mu.Lock()
		for !c.ended && len(c.control) == 0 && (len(c.data) == 0 || c.paused) {
			c.changed.Wait()
		}
		if c.ended {
			s.mu.Unlock()
			return
		}
		out := append(spare[:0], c.control...)
		c.control = c.control[:0]
		if !c.paused {
			out = append(out, c.data...)
			c.data = c.data[:0]
		}
		if cap(c.data) > serverKeep {
			c.data = nil // do not keep the memory of a burst
		}
		s.mu.Unlock()
		if _, err := c.conn.Write(out); err != nil {
			s.mu.Lock()
			c.deaf, c.control, c.data = true, nil, nil
			s.mu.Unlock()
			return // its reader forgets it, once it has read what is there
		}
		if spare = out; cap(spare) > serverKeep {
			spare = nil
		}
	}
}
