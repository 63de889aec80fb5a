package socket

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"

	"nrf91emu/emulator/event"
)

// A connectOp is a connect under way. Its goroutine owns it until install.
type connectOp struct {
	s     *Socket
	ctx   context.Context
	host  string
	port  uint16
	local netip.AddrPort
	done  func(error)

	cause  int
	online bool
	packet net.PacketConn // of a UDP or DTLS socket that has one already
	shake  *handshake     // nil for TCP and UDP
}

// StartConnect connects to a host, by name or address: name lookup, TCP connect
// and TLS or DTLS handshake. On a UDP socket it only sets the peer. The host name
// that a certificate must bear is an option of its own, [Socket.SetHostName].
//
// Errors, beside those of the host's network: ENETUNREACH offline, EISCONN,
// EALREADY, EBUSY while another handshake runs, EINVAL for a DTLS socket without
// security tags (fact tls/dtls-without-tags), and one number for every failed handshake (see
// [Generation]).
func (s *Socket) StartConnect(host string, port uint16, done func(error)) {
	s.e.mu.Lock()
	defer s.e.unlock()
	before := s.to
	s.to = hostPort(host, port)
	op := &connectOp{s: s, host: host, port: port, local: s.local, done: done, packet: s.packet,
		online: s.e.network == Online, cause: s.e.cause()}
	if err := s.mayConnect(op); err != nil {
		s.observe(event.SocketConnect, 0, err)
		if s.state != stateNew {
			s.to = before
		}
		s.e.post(op.cause, func() { done(err) })
		return
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	op.ctx, s.abort = ctx, cancel
	s.state = stateConnecting
	if op.shake != nil {
		s.e.handshaking = s
	}
	s.e.wg.Go(op.run)
}

// mayConnect checks what can be known before anything is sent, and collects the
// credentials for a handshake.
func (s *Socket) mayConnect(op *connectOp) error {
	if err := s.usable("connect"); err != nil {
		return err
	}
	switch {
	case s.typ == Raw:
		return s.errorf("connect", EOPNOTSUPP, "raw sockets are not connected to the host's network")
	case s.state == stateConnecting:
		return s.errorf("connect", EALREADY, "a connect is already under way on this socket")
	case s.state == stateListening:
		return s.errorf("connect", EOPNOTSUPP, "the socket listens")
	case s.state == stateConnected && s.protocol != UDP:
		return s.errorf("connect", EISCONN, "the socket is already connected")
	case op.port == 0:
		return s.errorf("connect", EINVAL, "port 0 cannot be connected to")
	case !op.online:
		return s.errorf("connect", ENETUNREACH, "the modem is offline")
	case !s.secure():
		return nil
	case s.e.policy.OneHandshake && s.e.handshaking != nil:
		return s.errorf("connect", EBUSY, "socket %d has a TLS handshake under way, and the modem makes one at a time", s.e.handshaking.handle)
	case s.protocol == DTLS12 && len(s.opt.tags) == 0:
		return s.errorf("connect", EINVAL, "the DTLS socket has no security tag")
	}
	op.shake = s.newHandshake()
	return nil
}

// stopConnect ends a connect under way with the given reason.
func (s *Socket) stopConnect(reason *Error) {
	if s.abort != nil {
		s.abort(&Error{Op: "connect", Errno: reason.Errno, Reason: reason.Reason})
	}
}

// link is what a successful connect brings.
type link struct {
	peer   netip.AddrPort
	asked  netip.AddrPort // peer as the program knows it, see mappedHosts; zero if it is peer
	conn   net.Conn
	packet net.PacketConn
	out    *outConn
	dtls   *dtlsLink
}

func (op *connectOp) run() {
	s := op.s
	if op.shake != nil {
		growStack()
	}
	l, err := op.connect()
	if err != nil {
		l.close(op.packet)
	}

	s.e.mu.Lock()
	late := err == nil && context.Cause(op.ctx) != nil // the socket was closed meanwhile
	if late {
		err = context.Cause(op.ctx)
	}
	s.abort(nil)
	s.abort = nil
	if s.e.handshaking == s {
		s.e.handshaking = nil
	}
	s.state = stateNew
	if h := op.shake; h != nil {
		if h.began {
			s.observeHandshake(op.cause, h, err)
		}
		if err == nil {
			s.suite, s.cached = h.suite, h.resumed
		}
		if s.protocol == TLS12 {
			*h = handshake{} // the connection keeps its callbacks; let them hold nothing
		}
	}
	if err != nil {
		s.pending, _ = describe(err)
	} else {
		s.install(l)
	}
	s.observeFor(op.cause, event.SocketConnect, s.to, 0, err)
	s.e.post(op.cause, func() { op.done(err) })
	s.changed()
	s.e.unlockOwn()
	if late {
		l.close(op.packet)
	}
}

// growStack makes the stack of a new goroutine as large as a handshake needs, in
// one step; doubling it on the way there costs a P-256 handshake some 4 %.
//
//go:noinline
func growStack() byte {
	var frame [24 << 10]byte
	return frame[len(os.Args)%len(frame)]
}

// close gives up what a connect has opened, but not the packet socket that was
// there before it. It may block.
func (l *link) close(keep net.PacketConn) {
	if l.conn != nil {
		l.conn.Close()
	}
	if l.packet != nil && l.packet != keep {
		l.packet.Close()
	}
}

// install makes the socket a connected one.
func (s *Socket) install(l link) {
	s.state = stateConnected
	s.peer, s.asked = l.peer, l.asked
	if !s.asked.IsValid() {
		s.asked = s.peer
	}
	s.dtls = l.dtls
	switch {
	case s.protocol == UDP && s.packet == nil:
		s.packet = l.packet
		s.local = addrPort(l.packet.LocalAddr())
		s.startReader()
	case s.protocol == UDP:
		if l.packet != s.packet { // opened by a send meanwhile
			l.packet.Close()
		}
	case s.protocol == DTLS12:
		s.conn, s.packet = l.conn, l.packet
		s.local = addrPort(l.packet.LocalAddr())
		s.startReader()
	default:
		s.conn, s.out = l.conn, l.out
		s.out.onDrained(s.roomToSend)
		s.local = addrPort(l.conn.LocalAddr())
		s.startReader()
	}
}

// connect does the blocking work. It does not hold the lock.
func (op *connectOp) connect() (l link, err error) {
	s := op.s
	if op.shake != nil {
		if err := op.shake.prepare(); err != nil {
			return l, err
		}
	}
	l.peer, l.asked, err = s.target(op.ctx, "connect", op.host, op.port, op.online)
	if err != nil {
		return l, op.why(err)
	}
	switch s.protocol {
	case TCP, TLS12:
		conn, err := op.dial(l.peer)
		if err != nil {
			return l, op.why(err)
		}
		l.out = newOutConn(conn, s.e.wg.Go)
		l.conn = l.out
		if s.protocol == TLS12 {
			secure, err := op.shake.tls(op.ctx, l.out, s.e.policy.HandshakeTimeout)
			if err != nil {
				return l, err
			}
			l.conn = secure
		}
	case UDP, DTLS12:
		if l.packet = op.packet; l.packet == nil {
			if l.packet, err = s.e.listenPacket(s, s.e.localAddress(s.family, 0)); err != nil {
				return l, op.why(err)
			}
		}
		if s.protocol == DTLS12 {
			if l.dtls, err = op.shake.dtls(op.ctx, l.packet, l.peer); err != nil {
				return l, err
			}
			l.conn = l.dtls.conn
		}
	}
	return l, nil
}

// dial makes the TCP connection.
func (op *connectOp) dial(to netip.AddrPort) (net.Conn, error) {
	s := op.s
	ctx := op.ctx
	if d := s.e.policy.ConnectTimeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, s.errorf("connect", ETIMEDOUT, "no answer to the TCP connect within %v", d))
		defer cancel()
	}
	dial := s.e.cfg.Dial
	if dial == nil {
		d := net.Dialer{KeepAlive: -1}
		if op.local.IsValid() {
			d.LocalAddr = net.TCPAddrFromAddrPort(op.local)
		}
		dial = d.DialContext
	}
	conn, err := dial(ctx, s.network("tcp"), to.String())
	if err != nil && context.Cause(ctx) != nil {
		err = context.Cause(ctx)
	}
	return conn, err
}

// why turns an error of the host's network into the socket's; a cause that ended
// the connect goes first.
func (op *connectOp) why(err error) error {
	if cause := context.Cause(op.ctx); cause != nil {
		err = cause
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return op.s.hostError("connect", err)
}

// listenPacket opens a UDP socket of the host.
func (e *Engine) listenPacket(s *Socket, at netip.AddrPort) (net.PacketConn, error) {
	listen := e.cfg.ListenPacket
	if listen == nil {
		listen = new(net.ListenConfig).ListenPacket
	}
	return listen(context.Background(), s.network("udp"), at.String())
}

// openPacket binds a UDP or DTLS socket.
func (s *Socket) openPacket(at netip.AddrPort) error {
	packet, err := s.e.listenPacket(s, at)
	if err != nil {
		return s.hostError("bind", err)
	}
	s.packet = packet
	s.local = addrPort(packet.LocalAddr())
	if s.protocol == UDP {
		s.startReader()
	}
	return nil
}

// Connect is StartConnect that waits.
func (s *Socket) Connect(host string, port uint16) error {
	ch := make(chan error, 1)
	s.StartConnect(host, port, func(err error) { ch <- err })
	return <-ch
}
