package socket

// Events is a set of readiness bits (numbers of nrf_socket.h, documented).
type Events uint8

const (
	PollIn      Events = 1  // data, a connection or the end of the stream can be read
	PollOut     Events = 4  // sending would not wait
	PollError   Events = 8  // the connection has broken
	PollHangup  Events = 16 // the peer has closed
	PollInvalid Events = 32 // the socket is closed
)

// Poll returns what the socket is ready for now. A socket that the network has
// closed underneath reports PollHangup and PollInvalid.
func (s *Socket) Poll() Events {
	s.e.mu.Lock()
	defer s.e.unlock()
	return s.poll()
}

func (s *Socket) poll() Events {
	switch {
	case s.closed:
		return PollInvalid
	case s.gone != nil:
		return PollHangup | PollInvalid
	case s.typ == Raw:
		return 0
	}
	var ev Events
	online := s.e.network == Online && !s.saved
	rx := &s.rx
	if online && (len(rx.stream) > 0 || len(rx.datagrams) > 0 || len(s.accepted) > 0) {
		ev |= PollIn
	}
	if (s.state == stateConnected || s.protocol == UDP) && online && !s.mustWait() && rx.err == nil {
		ev |= PollOut
	}
	if rx.eof {
		ev |= PollIn | PollHangup
	}
	if rx.err != nil {
		ev |= PollError | PollHangup
	}
	return ev
}

// SetNotify has fn called, through Config.Post, each time an event arises that
// was not there before; fn gets all that are there. What is left after a partial
// receive is no new event: look with Poll. nil ends it.
func (s *Socket) SetNotify(fn func(Events)) {
	s.e.mu.Lock()
	defer s.e.unlock()
	s.notify = fn
	s.lastPoll = s.poll()
}

// changed tells of events that have arisen. Everything that may change the
// result of poll calls it.
func (s *Socket) changed() {
	now := s.poll()
	rising := now &^ s.lastPoll
	s.lastPoll = now
	if rising != 0 && s.notify != nil && !s.closed {
		fn := s.notify
		s.e.post(0, func() { fn(now) })
	}
}
