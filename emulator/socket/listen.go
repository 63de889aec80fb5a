package socket

import (
	"net"
	"sync"
	"time"

	"nrf91emu/emulator/event"
)

type acceptOp struct {
	timer *time.Timer
	cause int
	done  func(*Socket, error)
}

// Listen makes a bound TCP socket wait for connections; backlog is how many are
// kept until they are accepted, at least 1 (fact sockets/listen). There is no
// TLS server in the modem.
func (s *Socket) Listen(backlog int) error {
	s.e.mu.Lock()
	defer s.e.unlock()
	err := s.listen(max(backlog, 1))
	s.observe(event.SocketListen, 0, err)
	s.changed()
	return err
}

func (s *Socket) listen(backlog int) error {
	if err := s.usable("listen"); err != nil {
		return err
	}
	switch {
	case s.protocol != TCP:
		return s.errorf("listen", EOPNOTSUPP, "only TCP sockets can listen")
	case s.state != stateNew || !s.local.IsValid():
		return s.errorf("listen", EINVAL, "the socket must be bound to a port and not connected")
	case s.e.network != Online:
		return s.errorf("listen", ENETUNREACH, "the modem is offline")
	}
	ln, err := net.Listen(s.network("tcp"), s.local.String())
	if err != nil {
		return s.hostError("listen", err)
	}
	s.state, s.ln = stateListening, ln
	s.to = s.local.String()
	s.room = sync.NewCond(&s.e.mu)
	s.e.wg.Go(func() { s.acceptLoop(ln, backlog) })
	return nil
}

// acceptLoop takes connections from the host until the backlog is full; the rest
// wait with the host.
func (s *Socket) acceptLoop(ln net.Listener, backlog int) {
	for {
		conn, err := ln.Accept()
		s.e.mu.Lock()
		if s.gone != nil || err != nil {
			if err == nil {
				conn.Close()
			} else if s.gone == nil {
				s.fail(s.hostError("accept", err), false)
			}
			s.e.unlockOwn()
			return
		}
		s.accepted = append(s.accepted, conn)
		s.serveAccepts()
		s.changed()
		s.e.unlockOwn()
		if !s.waitForRoom(func() bool { return len(s.accepted) < backlog }) {
			return
		}
	}
}

// StartAccept takes a connection, waiting for one as long as the option
// ReceiveTimeout says. The new socket has a handle of its own.
//
// Errors: EAGAIN on time-out, EINVAL if the socket does not listen, EMFILE when
// all sockets are in use: the connection is then closed (fact sockets/listen).
func (s *Socket) StartAccept(done func(*Socket, error)) {
	s.e.mu.Lock()
	defer s.e.unlock()
	op := &acceptOp{done: done, cause: s.e.cause()}
	if err := s.mayAccept(); err != nil {
		s.e.post(op.cause, func() { done(nil, err) })
		return
	}
	s.accepts = append(s.accepts, op)
	s.serveAccepts()
	if d := s.opt.receive; d > 0 && len(s.accepts) > 0 {
		op.timer = time.AfterFunc(d, func() { s.acceptTimedOut(op) })
	}
}

// TryAccept takes a connection if one waits, EAGAIN if not.
func (s *Socket) TryAccept() (*Socket, error) {
	s.e.mu.Lock()
	defer s.e.unlock()
	if err := s.mayAccept(); err != nil {
		return nil, err
	}
	if len(s.accepted) == 0 || s.e.network != Online {
		return nil, s.errorf("accept", EAGAIN, "no connection waits")
	}
	return s.acceptOne(s.e.cause())
}

// Accept is StartAccept that waits.
func (s *Socket) Accept() (*Socket, error) {
	type result struct {
		s   *Socket
		err error
	}
	ch := make(chan result, 1)
	s.StartAccept(func(n *Socket, err error) { ch <- result{n, err} })
	r := <-ch
	return r.s, r.err
}

func (s *Socket) mayAccept() error {
	if err := s.usable("accept"); err != nil {
		return err
	}
	if s.state != stateListening {
		return s.errorf("accept", EINVAL, "the socket does not listen")
	}
	return nil
}

// acceptOne makes a socket of the first waiting connection.
func (s *Socket) acceptOne(cause int) (*Socket, error) {
	conn := s.accepted[0]
	s.accepted = s.accepted[1:]
	s.madeRoom()
	s.changed()
	n := &Socket{e: s.e, handle: -1, family: s.family, typ: s.typ, protocol: s.protocol}
	if err := s.e.add(n); err != nil {
		conn.Close()
		return nil, err
	}
	n.opt.keepOpen = s.opt.keepOpen
	n.to = conn.RemoteAddr().String()
	out := newOutConn(conn, s.e.wg.Go)
	n.install(link{conn: out, out: out, peer: addrPort(conn.RemoteAddr())})
	n.observeFor(cause, event.SocketAccept, n.to, 0, nil)
	n.changed()
	return n, nil
}

func (s *Socket) serveAccepts() {
	for len(s.accepts) > 0 && len(s.accepted) > 0 && s.e.network == Online {
		op := s.accepts[0]
		s.accepts = s.accepts[1:]
		n, err := s.acceptOne(op.cause)
		s.finishAccept(op, n, err)
	}
}

func (s *Socket) finishAccept(op *acceptOp, n *Socket, err error) {
	if op.timer != nil {
		op.timer.Stop()
	}
	s.e.post(op.cause, func() { op.done(n, err) })
}

func (s *Socket) acceptTimedOut(op *acceptOp) {
	s.e.mu.Lock()
	defer s.e.unlockOwn()
	for i, o := range s.accepts {
		if o == op {
			s.accepts = append(s.accepts[:i:i], s.accepts[i+1:]...)
			s.finishAccept(op, nil, s.errorf("accept", EAGAIN, "no connection has come within %v", s.opt.receive))
			return
		}
	}
}

func (s *Socket) stopAccepts(err *Error) {
	for _, op := range s.accepts {
		s.finishAccept(op, nil, &Error{Op: "accept", Errno: err.Errno, Reason: err.Reason})
	}
	s.accepts = nil
}
