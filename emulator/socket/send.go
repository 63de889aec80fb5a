package socket

import (
	"bytes"
	"context"
	"net"
	"slices"
	"time"

	"nrf91emu/emulator/event"
)

// A sendOp waits to be sent. That of a datagram also has an address and a context
// for looking it up.
type sendOp struct {
	data  []byte
	timer *time.Timer
	done  func(int, error)
	cause int

	host   string
	port   uint16
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// StartSend sends data on a connected socket. A stream takes all of it at once,
// unless an earlier send has not gone out yet: then it waits as long as the
// option SendTimeout says. With TLS it takes no more than fits one message of the
// modem (chosen); done gets how many bytes were taken, send the rest again. A
// datagram is sent whole.
//
// Errors: EAGAIN on time-out, EMSGSIZE for a datagram that is too long, EPROTO
// while the DTLS session is saved (fact tls/dtls-save), ENETUNREACH offline (fact
// tls/keep-open), ENOTCONN, EDESTADDRREQ for a UDP socket without peer.
func (s *Socket) StartSend(data []byte, done func(int, error)) {
	s.startSend(&sendOp{data: data, done: done})
}

// StartSendTo sends one datagram to a host, by name or address. On a connected
// TCP, TLS or DTLS socket the address is ignored; there is no handshake.
func (s *Socket) StartSendTo(data []byte, host string, port uint16, done func(int, error)) {
	s.startSend(&sendOp{data: data, host: host, port: port, done: done})
}

// Send is StartSend that waits; it sends everything.
func (s *Socket) Send(data []byte) (int, error) {
	sent := 0
	for {
		n, err := wait(func(done func(int, error)) { s.StartSend(data[sent:], done) })
		if sent += n; err != nil || sent == len(data) {
			return sent, err
		}
	}
}

// SendTo is StartSendTo that waits.
func (s *Socket) SendTo(data []byte, host string, port uint16) (int, error) {
	return wait(func(done func(int, error)) { s.StartSendTo(data, host, port, done) })
}

func wait(start func(func(int, error))) (int, error) {
	type result struct {
		n   int
		err error
	}
	ch := make(chan result, 1)
	start(func(n int, err error) { ch <- result{n, err} })
	r := <-ch
	return r.n, r.err
}

// TrySend is a StartSend for streams that answers at once, with EAGAIN if it
// would have to wait. A datagram always gets EAGAIN: use StartSend.
func (s *Socket) TrySend(data []byte) (int, error) {
	s.e.mu.Lock()
	defer s.e.unlock()
	op := &sendOp{data: data}
	err := s.maySend(op)
	if err == nil && (s.out == nil || s.mustWait()) {
		return 0, s.errorf("send", EAGAIN, "an earlier send has not gone out yet")
	}
	n := 0
	if err == nil {
		n, err = s.writeStream(op.data)
	}
	s.observe(event.SocketSend, n, err)
	s.changed()
	return n, err
}

// Hold says that more will be sent at once, or that this is over: what is sent on a stream in
// between may go out in one piece, no later than with Hold(false). It is for who knows what
// comes next.
func (s *Socket) Hold(on bool) {
	s.e.mu.Lock()
	defer s.e.unlock()
	if s.out != nil {
		s.out.hold(on)
		s.changed()
	}
}

func (s *Socket) startSend(op *sendOp) {
	s.e.mu.Lock()
	defer s.e.unlock()
	op.cause = s.e.cause()
	if err := s.maySend(op); err != nil {
		s.finishSend(op, 0, err)
		return
	}
	defer s.changed()
	if s.out != nil && !s.mustWait() {
		n, err := s.writeStream(op.data)
		s.finishSend(op, n, err)
		return
	}
	op.data = bytes.Clone(op.data)
	s.sends = append(s.sends, op)
	if s.out != nil {
		if d := s.opt.send; d > 0 {
			op.timer = time.AfterFunc(d, func() { s.sendTimedOut(op) })
		}
		return
	}
	op.ctx, op.cancel = context.WithCancelCause(context.Background())
	if !s.sending {
		s.sending = true
		s.e.wg.Go(s.sendDatagrams)
	}
}

// mustWait reports whether something is still to go out before the next send.
func (s *Socket) mustWait() bool {
	return len(s.sends) > 0 || s.out != nil && s.out.full()
}

// writeStream hands data to the connection, which takes it without waiting.
func (s *Socket) writeStream(data []byte) (int, error) {
	n, err := s.conn.Write(data)
	if err != nil {
		err = s.hostError("send", err)
		s.pending, _ = describe(err)
	}
	return n, err
}

// roomToSend sends what has waited for earlier data to go out. The connection
// calls it.
func (s *Socket) roomToSend() {
	s.e.mu.Lock()
	defer s.e.unlockOwn()
	if s.gone != nil {
		return
	}
	for len(s.sends) > 0 && !s.out.full() {
		op := s.sends[0]
		s.sends = s.sends[1:]
		n, err := s.writeStream(op.data)
		s.finishSend(op, n, err)
	}
	s.changed()
}

func (s *Socket) sendTimedOut(op *sendOp) {
	s.e.mu.Lock()
	defer s.e.unlockOwn()
	if i := slices.Index(s.sends, op); i >= 0 {
		s.sends = slices.Delete(s.sends, i, i+1)
		s.finishSend(op, 0, s.errorf("send", EAGAIN, "the peer takes no more data; what was sent before has not gone out in time"))
		s.changed()
	}
}

// maySend says why op cannot be done now. Without a network a name fails before the
// socket is looked at.
func (s *Socket) maySend(op *sendOp) error {
	if s.protocol == UDP && s.e.network != Online && isName(op.host) {
		e := s.errorf("send", ENETUNREACH, "the modem is offline, and cannot ask for %q", op.host)
		e.lookup = true
		return e
	}
	if err := s.usable("send"); err != nil {
		return err
	}
	p := s.e.policy
	if s.protocol != UDP {
		op.host = ""
	}
	switch {
	case s.typ == Raw:
		return s.errorf("send", EOPNOTSUPP, "raw sockets are not connected to the host's network")
	case s.state != stateConnected && s.protocol != UDP:
		return s.errorf("send", ENOTCONN, "the socket is not connected")
	case s.saved:
		return s.errorf("send", EPROTO, "the DTLS session is saved; load it first")
	case s.e.network != Online:
		return s.errorf("send", ENETUNREACH, "the modem is offline")
	case s.rx.err != nil:
		return s.errorf("send", ENOTCONN, "the connection has broken: %s", s.rx.err.Reason)
	}
	switch s.protocol {
	case TLS12:
		if p.MaxMessage > 0 {
			op.data = op.data[:min(len(op.data), p.MaxMessage)]
		}
	case DTLS12:
		limit := p.MaxMessage
		if f := fragments[s.opt.dtlsFragment]; f > 0 {
			limit = f // fact tls/dtls-fragments
		}
		if s.rx.eof {
			return s.errorf("send", ENOTCONN, "the peer has ended the DTLS session")
		}
		if limit > 0 && len(op.data) > limit {
			return s.errorf("send", EMSGSIZE, "%d bytes do not fit one DTLS message of the modem, which has %d", len(op.data), limit)
		}
	case UDP:
		if op.host == "" && !s.peer.IsValid() {
			return s.errorf("send", EDESTADDRREQ, "the UDP socket has no peer; connect it or give an address")
		}
		if s.packet == nil {
			return s.openPacket(s.e.localAddress(s.family, 0))
		}
	}
	return nil
}

// sendDatagrams is the goroutine that sends what is queued, and ends with it.
func (s *Socket) sendDatagrams() {
	s.e.mu.Lock()
	for len(s.sends) > 0 {
		op, conn, packet, peer := s.sends[0], s.conn, s.packet, s.peer
		online := s.e.network == Online
		s.e.mu.Unlock()

		var n int
		var err error
		if op.host != "" {
			peer, _, err = s.target(op.ctx, "send", op.host, op.port, online)
		}
		s.e.mu.Lock()
		s.writing = true
		if err == nil && s.protocol != DTLS12 {
			s.spokeTo(peer.Addr())
		}
		s.e.mu.Unlock()
		switch {
		case err != nil:
		case s.protocol == DTLS12:
			n, err = conn.Write(op.data)
		default:
			n, err = packet.WriteTo(op.data, net.UDPAddrFromAddrPort(peer))
		}

		s.e.mu.Lock()
		s.writing = false
		if s.room != nil {
			s.room.Broadcast()
		}
		if len(s.sends) > 0 && s.sends[0] == op { // else it was stopped
			s.sends = s.sends[1:]
			if err != nil {
				err = s.hostError("send", err)
				s.pending, _ = describe(err)
			}
			s.finishSend(op, n, err)
		}
		s.changed()
		s.e.unlockOwn()
		s.e.mu.Lock()
	}
	s.sending = false
	s.e.unlockOwn()
}

func (s *Socket) finishSend(op *sendOp, n int, err error) {
	if op.timer != nil {
		op.timer.Stop()
	}
	if op.cancel != nil {
		op.cancel(nil)
	}
	peer := s.to
	if op.host != "" {
		peer = hostPort(op.host, op.port)
	}
	s.observeFor(op.cause, event.SocketSend, peer, n, err)
	s.e.post(op.cause, func() { op.done(n, err) })
}

func (s *Socket) stopSends(err *Error) {
	ops := s.sends
	s.sends = nil
	for _, op := range ops {
		reason := &Error{Op: "send", Errno: err.Errno, Reason: err.Reason}
		if op.cancel != nil {
			op.cancel(reason)
		}
		s.finishSend(op, 0, reason)
	}
}
