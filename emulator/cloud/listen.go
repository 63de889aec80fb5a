package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// handshakeTimeout is how long a client may take for a handshake.
const handshakeTimeout = 20 * time.Second

// maxHandshakes is how many clients of one server may be in a handshake at once.
const maxHandshakes = 256

// listen opens a TCP port: the one that programs ask for where it is to be had and
// wanted, otherwise any free one.
func (c *Cloud) listen(s *Server) (net.Listener, error) {
	ln, err := net.Listen("tcp", netip.AddrPortFrom(c.cfg.Listen, c.wanted(s)).String())
	if err != nil && c.wanted(s) != 0 {
		ln, err = net.Listen("tcp", netip.AddrPortFrom(c.cfg.Listen, 0).String())
	}
	if err != nil {
		return nil, err
	}
	s.Addr = netip.MustParseAddrPort(ln.Addr().String())
	return ln, nil
}

// listenPacket is listen for UDP.
func (c *Cloud) listenPacket(s *Server) (*net.UDPConn, error) {
	open := func(port uint16) (*net.UDPConn, error) {
		return net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.cfg.Listen, port)))
	}
	conn, err := open(c.wanted(s))
	if err != nil && c.wanted(s) != 0 {
		conn, err = open(0)
	}
	if err != nil {
		return nil, err
	}
	s.Addr = netip.MustParseAddrPort(conn.LocalAddr().String())
	return conn, nil
}

func (c *Cloud) wanted(s *Server) uint16 {
	if c.cfg.UsualPorts && s.Port >= 1024 {
		return s.Port
	}
	return 0
}

// A tlsListener makes the handshake before it hands a connection out, many at a
// time, so that a slow client holds up nobody and each failure is told.
type tlsListener struct {
	net.Listener
	config *tls.Config
	tell   func(peer string, h *Handshake)

	ready chan net.Conn
	slots chan struct{}
	life  context.Context // of the listener and its handshakes
	end   context.CancelFunc
	wg    sync.WaitGroup
}

func newTLSListener(ln net.Listener, config *tls.Config, tell func(string, *Handshake)) *tlsListener {
	l := &tlsListener{
		Listener: ln, config: config, tell: tell,
		ready: make(chan net.Conn), slots: make(chan struct{}, maxHandshakes),
	}
	l.life, l.end = context.WithCancel(context.Background())
	l.wg.Go(l.accept)
	return l
}

func (l *tlsListener) accept() {
	for {
		select {
		case l.slots <- struct{}{}:
		case <-l.life.Done():
			return
		}
		conn, err := l.Listener.Accept()
		if err != nil {
			<-l.slots
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		l.wg.Go(func() {
			defer func() { <-l.slots }()
			l.secure(conn)
		})
	}
}

// secure makes the handshake and hands the connection out.
func (l *tlsListener) secure(conn net.Conn) {
	serverName := ""
	config := l.config.Clone()
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		serverName = hello.ServerName
		return nil, nil
	}
	secure := tls.Server(conn, config)
	err := handshake(l.life, secure)
	l.tell(conn.RemoteAddr().String(), handshakeOf(secure.ConnectionState(), serverName, err))
	if err != nil {
		conn.Close()
		return
	}
	select {
	case l.ready <- secure:
	case <-l.life.Done():
		conn.Close()
	}
}

// handshake makes a handshake within its time.
func handshake(ctx context.Context, conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	return conn.HandshakeContext(ctx)
}

// Accept returns the next connection whose handshake went well.
func (l *tlsListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.ready:
		return conn, nil
	case <-l.life.Done():
		return nil, net.ErrClosed
	}
}

// Close ends the listener and the handshakes that are under way.
func (l *tlsListener) Close() error {
	l.end()
	err := l.Listener.Close()
	l.wg.Wait()
	return err
}
