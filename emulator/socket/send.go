package socket

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"time"
)

type sendOp struct {
	data   []byte
	limit  time.Duration
	host   string // of SendTo on a UDP socket
	port   uint16
	online bool
	ctx    context.Context
	cancel context.CancelCauseFunc
	done   func(int, error)
}

// StartSend sends data on a connected socket. done gets how many bytes were
// taken, fewer than all on a stream if the option SendTimeout ran out or, with
// TLS, if they are more than fit one message of the modem (chosen); send the rest
// again. A datagram is sent whole.
//
// Errors: EAGAIN on time-out, EMSGSIZE for a datagram that is too long, EPROTO
// while the DTLS session is saved (documented), ENETUNREACH offline (documented),
// ENOTCONN, EDESTADDRREQ for a UDP socket without peer.
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

func (s *Socket) startSend(op *sendOp) {
	s.e.lock()
	defer s.e.unlock()
	if err := s.maySend(op); err != nil {
		s.finishSend(op, 0, err)
		return
	}
	op.data = bytes.Clone(op.data)
	op.limit = s.opt.send
	op.ctx, op.cancel = context.WithCancelCause(context.Background())
	s.sends = append(s.sends, op)
	s.changed()
	if !s.sending {
		s.sending = true
		s.e.wg.Go(s.write)
	}
}

func (s *Socket) maySend(op *sendOp) error {
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
			limit = f // documented with NRF_SO_SEC_DTLS_FRAG_EXT
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

// write is the goroutine that sends what is queued, and ends with it.
func (s *Socket) write() {
	s.e.mu.Lock()
	for len(s.sends) > 0 {
		op, conn, packet, peer := s.sends[0], s.conn, s.packet, s.peer
		op.online = s.e.network == Online
		s.e.mu.Unlock()

		var n int
		var err error
		switch {
		case s.protocol != UDP:
			n, err = op.writeTo(conn)
		default:
			if op.host != "" {
				peer, err = s.target(op.ctx, "send", op.host, op.port, op.online)
			}
			if err == nil {
				n, err = packet.WriteTo(op.data, net.UDPAddrFromAddrPort(peer))
			}
		}

		s.e.mu.Lock()
		if len(s.sends) > 0 && s.sends[0] == op { // else it was stopped
			s.sends = s.sends[1:]
			s.written(op, n, err)
		}
		s.changed()
		s.e.unlockOwn()
		s.e.mu.Lock()
	}
	s.sending = false
	s.e.unlockOwn()
}

func (op *sendOp) writeTo(conn net.Conn) (int, error) {
	var until time.Time
	if op.limit > 0 {
		until = time.Now().Add(op.limit)
	}
	if err := conn.SetWriteDeadline(until); err != nil {
		return 0, err
	}
	return conn.Write(op.data)
}

// written completes a send with what the host's network said.
func (s *Socket) written(op *sendOp, n int, err error) {
	switch {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		if err = nil; n == 0 {
			err = s.errorf("send", EAGAIN, "the peer took nothing within %v", op.limit)
		}
		if s.protocol == TLS12 {
			defer s.fail(s.errorf("send", ECONNABORTED, "a TLS record was left half sent by an earlier time-out"), false)
		}
	default:
		err = s.hostError("send", err)
		s.pending, _ = describe(err)
	}
	s.finishSend(op, n, err)
}

func (s *Socket) finishSend(op *sendOp, n int, err error) {
	if op.cancel != nil {
		op.cancel(nil)
	}
	s.observe("send", n, err)
	s.e.post(func() { op.done(n, err) })
}

func (s *Socket) stopSends(err *Error) {
	ops := s.sends
	s.sends = nil
	for _, op := range ops {
		reason := &Error{Op: "send", Errno: err.Errno, Reason: err.Reason}
		op.cancel(reason)
		s.finishSend(op, 0, reason)
	}
}
