package socket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"sync"

	"nrf91emu/emulator/event"
)

// Family, Type and Protocol have the numbers of nrf_socket.h (fact tls/options).
type (
	Family   int
	Type     int
	Protocol int
)

const (
	AnyFamily Family = 0 // in lookups only
	IPv4      Family = 1
	IPv6      Family = 2
	Packet    Family = 3 // raw

	Stream   Type = 1
	Datagram Type = 2
	Raw      Type = 3

	IP     Protocol = 0 // raw
	TCP    Protocol = 6
	UDP    Protocol = 17
	TLS12  Protocol = 258
	DTLS12 Protocol = 273
)

// String returns the name that the event record uses, such as "tls".
func (p Protocol) String() string {
	switch p {
	case IP:
		return "raw"
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case TLS12:
		return "tls"
	case DTLS12:
		return "dtls"
	}
	return "protocol " + strconv.Itoa(int(p))
}

type state uint8

const (
	stateNew state = iota
	stateConnecting
	stateConnected
	stateListening
)

// A Socket is one socket of the modem. It keeps its handle until Close, also
// when the peer or the network has ended it.
type Socket struct {
	e        *Engine
	handle   int
	family   Family
	typ      Type
	protocol Protocol

	// All that follows is guarded by e.mu.

	state   state
	closed  bool   // Close was called
	gone    *Error // why the socket is of no more use, if it is
	pending Errno  // for PendingError
	opt     options

	local netip.AddrPort // bound to, or of the connection
	peer  netip.AddrPort // connected to
	asked netip.AddrPort // peer as the program knows it
	to    string         // what the caller connected to, "host:port"

	abort  context.CancelCauseFunc // of the running connect
	conn   net.Conn                // connected TCP, TLS or DTLS
	packet net.PacketConn          // UDP, and what DTLS runs on
	ln     net.Listener
	out    *outConn // what TCP and TLS write to
	dtls   *dtlsLink

	suite  uint16 // of the finished handshake
	cached bool   // the handshake was resumed
	saved  bool   // DTLS session saved

	rx       receiver
	sends    []*sendOp
	sentTo   []netip.Addr // the last addresses that are not loopback, see hears
	sending  bool
	writing  bool       // a datagram is going out just now
	accepted []net.Conn // not yet taken
	accepts  []*acceptOp
	room     *sync.Cond // a reader or acceptor waits for space

	notify   func(Events)
	lastPoll Events
}

// Open makes a socket with the lowest free handle. The modem may be offline.
//
// Errors: EAFNOSUPPORT, EPROTOTYPE for a protocol that does not fit (TLS 1.3
// among them, seen), EMFILE when all sockets are in use, ESHUTDOWN.
func (e *Engine) Open(f Family, t Type, p Protocol) (*Socket, error) {
	e.mu.Lock()
	defer e.unlock()
	s := &Socket{e: e, handle: -1, family: f, typ: t, protocol: p}
	if err := e.add(s); err != nil {
		return nil, err
	}
	s.opt.verify = e.policy.PeerVerify
	s.opt.cache = e.policy.SessionCache
	s.opt.dtlsTimeout = e.policy.DTLSHandshakeTimeout
	s.observe(event.SocketOpen, 0, nil)
	s.changed()
	return s, nil
}

// add checks a new socket and gives it a handle.
func (e *Engine) add(s *Socket) error {
	fits := map[Protocol]Type{TCP: Stream, TLS12: Stream, UDP: Datagram, DTLS12: Datagram, IP: Raw}
	typ, known := fits[s.protocol]
	var err error
	switch {
	case e.down:
		err = s.errorf("socket", ESHUTDOWN, "the modem was shut down")
	case s.family < IPv4 || s.family > Packet:
		err = s.errorf("socket", EAFNOSUPPORT, "the modem has no address family %d", s.family)
	case !known || typ != s.typ || (s.typ == Raw) != (s.family == Packet):
		err = s.errorf("socket", EPROTOTYPE, "protocol %d does not go with socket type %d of family %d; the modem has TCP 6, UDP 17, TLS 1.2 258 and DTLS 1.2 273", s.protocol, s.typ, s.family)
	default:
		for h, other := range e.sockets {
			if other == nil {
				s.handle = h
				e.sockets[h] = s
				return nil
			}
		}
		if len(e.sockets) < e.policy.MaxSockets {
			s.handle = len(e.sockets)
			e.sockets = append(e.sockets, s)
			return nil
		}
		err = s.errorf("socket", EMFILE, "all %d sockets are in use; close one", e.policy.MaxSockets)
	}
	s.observe(event.SocketOpen, 0, err)
	return err
}

// Handle, Family, Type and Protocol return what the socket was opened with.
func (s *Socket) Handle() int        { return s.handle }
func (s *Socket) Family() Family     { return s.family }
func (s *Socket) Type() Type         { return s.typ }
func (s *Socket) Protocol() Protocol { return s.protocol }

func (s *Socket) secure() bool { return s.protocol == TLS12 || s.protocol == DTLS12 }

// LocalAddr returns what the socket is bound to, PeerAddr what it is connected
// to; the zero AddrPort if nothing.
func (s *Socket) LocalAddr() netip.AddrPort {
	s.e.mu.Lock()
	defer s.e.unlock()
	return s.local
}

func (s *Socket) PeerAddr() netip.AddrPort {
	s.e.mu.Lock()
	defer s.e.unlock()
	return s.asked
}

// Close closes the socket and frees its handle. What is in progress on it ends
// with ECONNABORTED.
func (s *Socket) Close() error {
	s.e.mu.Lock()
	defer s.e.unlock()
	if err := s.usable("close"); err != nil && s.closed {
		return err
	}
	s.fail(s.errorf("close", ECONNABORTED, "the socket was closed"), s.e.network == Online)
	s.closed = true
	s.e.sockets[s.handle] = nil
	s.observe(event.SocketClose, 0, nil)
	return nil
}

// Bind binds the socket to a local port; 0 takes a free one.
func (s *Socket) Bind(port uint16) error {
	s.e.mu.Lock()
	defer s.e.unlock()
	if err := s.usable("bind"); err != nil {
		return err
	}
	if s.state != stateNew || s.local.IsValid() {
		return s.errorf("bind", EINVAL, "the socket is already bound or connected")
	}
	addr := s.e.localAddress(s.family, port)
	switch s.typ {
	case Datagram:
		return s.openPacket(addr)
	case Stream:
		// The port is only looked at here: a listener takes it in Listen, a client
		// in Connect.
		ln, err := net.Listen(s.network("tcp"), s.e.listenAddress(s.family, port).String())
		if err != nil {
			return s.hostError("bind", err)
		}
		s.local = addrPort(ln.Addr())
		return ln.Close()
	}
	return s.errorf("bind", EOPNOTSUPP, "raw sockets are not connected to the host's network")
}

// localAddress is where sockets are bound that send: loopback if nothing else is
// allowed.
func (e *Engine) localAddress(f Family, port uint16) netip.AddrPort {
	return bindAddress(e.cfg.NoExternal, f, port)
}

// listenAddress is where sockets are bound that wait for others.
func (e *Engine) listenAddress(f Family, port uint16) netip.AddrPort {
	return bindAddress(e.cfg.NoExternal || !e.cfg.ListenExternal, f, port)
}

func bindAddress(loopback bool, f Family, port uint16) netip.AddrPort {
	addr := map[bool]map[Family]netip.Addr{
		false: {IPv4: netip.IPv4Unspecified(), IPv6: netip.IPv6Unspecified()},
		true:  {IPv4: netip.AddrFrom4([4]byte{127, 0, 0, 1}), IPv6: netip.IPv6Loopback()},
	}[loopback][f]
	return netip.AddrPortFrom(addr, port)
}

// network adds the socket's family to a Go network name.
func (s *Socket) network(base string) string {
	if s.family == IPv6 {
		return base + "6"
	}
	return base + "4"
}

// usable reports why the socket can do nothing.
func (s *Socket) usable(op string) error {
	switch {
	case s.e.down:
		return s.errorf(op, ESHUTDOWN, "the modem was shut down")
	case s.closed:
		return s.errorf(op, EBADF, "the socket is closed")
	case s.gone != nil:
		return &Error{Op: op, Errno: s.gone.Errno, Reason: s.gone.Reason, Err: s.gone.Err}
	}
	return nil
}

// networkChanged closes the socket or lets it go on, as the modem does
// (fact tls/keep-open).
func (s *Socket) networkChanged(before, now Network) {
	switch {
	case s.gone != nil:
		return
	case now == PowerOff:
		s.fail(s.errorf("socket", ENETDOWN, "functional mode 0 closed the socket"), false)
	case before == Online && !s.opt.keepOpen:
		s.fail(s.errorf("socket", ENETDOWN, "the modem went offline and closed the socket"), false)
	case before == Online:
		reason := s.errorf("socket", ENETUNREACH, "the modem is offline")
		s.stopConnect(reason)
		s.stopSends(reason)
	case now == Online && s.dtls != nil && s.connectionIDUsed() == 0:
		s.fail(s.errorf("socket", ENETDOWN, "a DTLS session without connection id does not outlive the loss of the network"), false)
	}
	s.serveAccepts()
	s.serveReceives()
	s.changed()
}

// fail ends the use of the socket: everything in progress completes with err,
// the transport is closed, politely or not. The handle stays.
func (s *Socket) fail(err *Error, polite bool) {
	if s.gone != nil {
		return
	}
	s.gone = err
	s.stopConnect(err)
	s.stopReceives(err)
	s.stopSends(err)
	s.stopAccepts(err)
	s.closeTransport(polite)
	if s.room != nil {
		s.room.Broadcast()
	}
	if s.saved {
		s.saved = false
		s.e.saved--
	}
	s.rx.drop()
	s.changed()
}

// closeTransport gives the host's descriptors back. Saying goodbye over DTLS may
// wait, so it happens on a goroutine of its own.
func (s *Socket) closeTransport(polite bool) {
	conn, packet := s.conn, s.packet
	s.conn, s.packet = nil, nil
	if s.ln != nil {
		s.ln.Close()
	}
	for _, c := range s.accepted {
		c.Close()
	}
	s.accepted = nil
	switch {
	case s.out != nil:
		if !polite {
			s.out.abort()
		}
		conn.Close()
	case conn != nil:
		if !polite {
			packet.Close()
		}
		s.e.wg.Go(func() {
			conn.Close()
			packet.Close()
		})
	case packet != nil:
		packet.Close()
	}
}

// errorf makes the error of an operation.
func (s *Socket) errorf(op string, n Errno, format string, args ...any) *Error {
	return &Error{Op: op, Errno: s.e.policy.Errnos.number(n), Reason: fmt.Sprintf(format, args...)}
}

// observe records an operation that the caller does on the socket.
func (s *Socket) observe(op event.SocketOp, bytes int, err error) {
	s.observeFor(s.e.cause(), op, s.to, bytes, err)
}

// observeFor records an operation with its cause and a peer of its own.
func (s *Socket) observeFor(cause int, op event.SocketOp, peer string, bytes int, err error) {
	if s.e.cfg.Observe == nil {
		return
	}
	ev := &event.Socket{ID: cause, Op: op, Handle: s.handle, Protocol: s.protocol.String(), Peer: peer, Bytes: bytes}
	if op == event.SocketConnect && err == nil && s.local.IsValid() {
		ev.Local = s.local.String()
	}
	if s.secure() && (op == event.SocketConnect || op == event.SocketOpen) {
		ev.SecTags, ev.HostName = s.opt.tags, s.opt.host
		verify := s.opt.verify
		ev.Verify = &verify
	}
	if errors.Is(err, io.EOF) {
		ev.Reason = s.rx.cut
	} else if err != nil {
		n, reason := describe(err)
		ev.Errno, ev.Name, ev.Reason = int(n), n.Name(), reason
	}
	s.e.observe(event.Event{Socket: ev})
}
