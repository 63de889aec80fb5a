package libmodem

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

const (
	// outLimit bounds what waits for a program that does not read, in bytes.
	outLimit = 4 << 20
	// readBuffer is how much is read from a program at a time.
	readBuffer = 64 << 10
	// helloTimeout is how long a connection may stay silent before Hello: the
	// emulator does not keep connections of who has nothing to say.
	helloTimeout = 10 * time.Second
	// replaceTimeout is how long a new program waits for one that is about to end.
	replaceTimeout = 2 * time.Second
)

// Errno values that are not about sockets.
const (
	ePERM            = 1
	eINVAL           = 22
	eNOSYS           = 88
	eBUSY            = 16
	eSHUTDOWN        = 110
	eINPROGRESS      = 119
	ePROTONOSUPPORT  = 123
	eAISystem        = 11
	eAINoName        = 2
	maxConsoleLine   = 4096
	maxProgramName   = 200
	maxPollSockets   = 64
	maxReceive       = 64 << 10
	maxOptionSize    = 4096
	maxLookupName    = 255
	statusOfSignal   = 128
	minHelloSize     = 12
	maxCommandLength = 64 << 10
)

// A session is one connection.
type session struct {
	l    *Library
	conn net.Conn

	// What follows is guarded by the device's lock.

	begun   bool // Hello was answered
	waitID  uint16
	program program
	resp    atcmd.Response
	at      *command // that runs
	busy    int      // requests under way that end by themselves
	exited  bool     // it has said why it ends
	more    bool     // the next request is there
	holding *sock    // that waits for more to send, see socket.Socket.Hold

	mu      sync.Mutex // of what follows
	out     []byte
	spare   []byte
	writing bool
	ended   string // why, if it has
}

// A program is who is at the other end.
type program struct {
	name string
	pid  uint32
	sdk  uint32
}

// String returns a text for people, such as "app (process 4711)".
func (p program) String() string {
	name := p.name
	if name == "" {
		name = "a program"
	}
	return fmt.Sprintf("%s (process %d)", name, p.pid)
}

func (p program) version() string {
	if p.sdk == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", p.sdk>>16, p.sdk>>8&0xff, p.sdk&0xff)
}

// Serve serves one connection until it ends, and closes it. It is called without
// the device's lock. What was wrong is in the record.
func (l *Library) Serve(conn net.Conn) {
	defer conn.Close()
	s := &session{l: l, conn: conn}
	l.cfg.Run(func() { l.sessions[s] = struct{}{} })
	why := s.serve()
	l.cfg.Run(func() { s.gone(why) })
}

// serve reads requests until the connection ends, and returns why it did.
func (s *session) serve() error {
	r := bufio.NewReaderSize(s.conn, readBuffer)
	buf := make([]byte, 0, 1024)
	_ = s.conn.SetReadDeadline(time.Now().Add(helloTimeout))
	first := true
	for {
		h, payload, err := readFrame(r, buf)
		if err != nil {
			return err
		}
		if cap(payload) > cap(buf) && cap(payload) <= readBuffer {
			buf = payload[:0]
		}
		if first {
			first = false
			_ = s.conn.SetReadDeadline(time.Time{})
			if h.typ == typeHello {
				s.await()
			}
		}
		var last error
		more := wholeFrame(r)
		s.l.cfg.Run(func() { more, last = s.requestsOf(r, h, payload, more) })
		if !more {
			s.flush()
		}
		if last != nil {
			s.flush()
			return last
		}
	}
}

// requestsOf deals with a request, and with those behind it that are in the buffer as long as
// they are sends without an answer: a program that sends a lot need not wait for the lock each
// time. It reports whether the next request is in the buffer.
func (s *session) requestsOf(r *bufio.Reader, h header, payload []byte, more bool) (bool, error) {
	for {
		s.more = more
		if err := s.request(h, payload); err != nil || !more {
			return more, err
		}
		head, _ := r.Peek(headerSize)
		if h = parseHeader(head); h.typ != typeSend || h.id != 0 {
			return true, nil
		}
		frame, _ := r.Peek(headerSize + h.size)
		payload = frame[headerSize:]
		_, _ = r.Discard(len(frame)) // what was peeked at stays until the next read
		more = wholeFrame(r)
	}
}

// wholeFrame reports whether the next frame is in the buffer.
func wholeFrame(r *bufio.Reader) bool {
	if r.Buffered() < headerSize {
		return false
	}
	head, _ := r.Peek(headerSize)
	return r.Buffered() >= headerSize+parseHeader(head).size
}

// await gives a program that is about to end the time to do so before another
// takes its place.
func (s *session) await() {
	for deadline := time.Now().Add(replaceTimeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		other := false
		s.l.cfg.Run(func() { other = s.l.session != nil })
		if !other {
			return
		}
	}
}

// gone cleans up when the connection has ended.
func (s *session) gone(why error) {
	l := s.l
	delete(l.sessions, s)
	defer l.tellEmpty()
	for i, w := range l.waiting {
		if w == s {
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			break
		}
	}
	begun := l.session == s
	l.detach(s)
	s.at = nil
	s.mu.Lock()
	ended := s.ended
	s.ended = "closed"
	s.mu.Unlock()
	e := event.Program{Name: s.program.name, PID: int(s.program.pid), Action: event.ProgramEnd}
	switch {
	case ended != "" && begun:
		e.Action, e.Reason = event.ProgramDropped, ended
	case s.exited || ended != "":
		return // it has been told
	case why == nil, errors.Is(why, io.EOF), errors.Is(why, net.ErrClosed):
		if !begun {
			return
		}
		e.Action, e.Reason = event.ProgramLost, "the program has ended without a word; its exit status says more"
	case errors.Is(why, errTooLong), errors.Is(why, errRubbish):
		e.Action, e.Reason = event.ProgramDropped, why.Error()
	default:
		if !begun {
			return
		}
		e.Action, e.Reason = event.ProgramLost, why.Error()
	}
	l.record(event.Event{Program: &e})
}

// errRubbish is returned for what is no request.
var errRubbish = errors.New("what the program sent is no request of this protocol")

// requests are the requests after Hello. A function that returns an error ends the
// connection.
var requests = map[uint8]func(s *session, id uint16, f *fields) error{
	typeInit: (*session).init, typeShutdown: (*session).shutdown, typeAT: (*session).command,
	typeSocket: (*session).socket, typeClose: (*session).close, typeConnect: (*session).connect,
	typeBind: (*session).bind, typeListen: (*session).listen, typeAccept: (*session).accept,
	typeSend: (*session).send, typeRecv: (*session).recv, typeSetOption: (*session).setOption,
	typeOption: (*session).option, typeName: (*session).name, typeLookup: (*session).lookup,
	typePoll: (*session).poll, typeWait: (*session).wait,
	typeGNSSSet: (*session).gnssSet, typeGNSSStart: (*session).gnssStart,
	typeGNSSStop: (*session).gnssStop, typeGNSSRead: (*session).gnssRead,
	typeLEDs: (*session).setLEDs, typeButtons: (*session).buttons, typeLog: (*session).log,
	typeReset: (*session).reset, typeExit: (*session).exit,
}

// request deals with one request.
func (s *session) request(h header, payload []byte) error {
	f := &fields{rest: payload}
	if h.typ == typeHello {
		return s.firstHello(h.id, f)
	}
	if !s.begun {
		return fmt.Errorf("%w: it began with a frame of type %d in place of Hello", errRubbish, h.typ)
	}
	if s.l.session != s {
		return nil // its boot is over; what it still says is of no interest
	}
	if h.typ != typeSend {
		s.release()
	}
	fn, ok := requests[h.typ]
	if !ok {
		s.fail(h.typ, h.id, eNOSYS, fmt.Sprintf("there is no request of type %d", h.typ))
		return nil
	}
	return fn(s, h.id, f)
}

func (s *session) firstHello(id uint16, f *fields) error {
	version := f.u16()
	f.u16()
	p := program{sdk: f.u32(), pid: f.u32()}
	p.name = clip(string(f.rest), maxProgramName)
	if f.short || s.begun || s.waitID != 0 || id == 0 {
		return fmt.Errorf("%w: a Hello that is too short or comes twice", errRubbish)
	}
	s.program = p
	if version != Version {
		s.refuse(id, ePROTONOSUPPORT, fmt.Sprintf("the emulator speaks version %d of the protocol, the program version %d; build it with the SDK of this emulator", Version, version))
		return nil
	}
	if s.l.modem == nil {
		s.waitID = id
		s.l.waiting = append(s.l.waiting, s)
		return nil
	}
	s.hello(id, p)
	return nil
}

// hello lets the program begin.
func (s *session) hello(id uint16, p program) {
	l := s.l
	if err := l.attach(s); err != nil {
		s.refuse(id, eBUSY, err.Error())
		return
	}
	s.begun = true
	l.record(event.Event{Program: &event.Program{
		Action: event.ProgramStart, Name: p.name, PID: int(p.pid), SDK: p.version(),
	}})
	s.answer(typeHello, id, 0, func(b []byte) []byte {
		b = append(b, Version, 0, 0, 0)
		receiver := 0
		if l.cfg.Device.GNSS() != nil {
			receiver = 1
		}
		b = append32(b, l.cfg.Device.Boot(), l.cfg.MaxMessage, receiver)
		return append(b, l.modem.Profile().Revision...)
	})
}

// refuse turns a program away.
func (s *session) refuse(id uint16, errno int, why string) {
	s.l.record(event.Event{Program: &event.Program{
		Action: event.ProgramRefused, Name: s.program.name, PID: int(s.program.pid), SDK: s.program.version(), Reason: why,
	}})
	s.fail(typeHello, id, errno, why)
}

// init starts a modem that is not running.
func (s *session) init(id uint16, f *fields) error {
	l := s.l
	if l.down || !l.modem.Alive() {
		l.cfg.Device.StartModem()
		l.down = false
	}
	s.answer(typeInit, id, 0, nil)
	return nil
}

func (s *session) shutdown(id uint16, _ *fields) error {
	if !s.l.down {
		s.l.down = true
		s.abortAT()
		s.l.cfg.Device.StopModem()
	}
	s.answer(typeShutdown, id, 0, nil)
	return nil
}

// answer sends the answer to a request; id 0 wants none.
func (s *session) answer(typ uint8, id uint16, result int, payload func([]byte) []byte) {
	if id == 0 {
		return
	}
	s.add(func(b []byte) []byte {
		start := len(b)
		b = append32(beginFrame(b, typ, id), result)
		if payload != nil {
			b = payload(b)
		}
		return endFrame(b, start)
	})
}

// fail answers with the negative of an errno and a sentence.
func (s *session) fail(typ uint8, id uint16, errno int, why string) {
	s.answer(typ, id, -errno, func(b []byte) []byte { return append(b, why...) })
}

// failWith answers with an error of the socket engine.
func (s *session) failWith(typ uint8, id uint16, err error) {
	n, ok := errors.AsType[socket.Errno](err)
	if !ok {
		n = socket.EIO
	}
	s.fail(typ, id, int(n), err.Error())
}

// event sends an event.
func (s *session) event(typ uint8, payload func([]byte) []byte) {
	s.add(func(b []byte) []byte {
		start := len(b)
		return endFrame(payload(beginFrame(b, typ, 0)), start)
	})
}

// add queues a frame. What nobody reads is not kept for ever.
func (s *session) add(frame func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != "" {
		return
	}
	s.out = frame(s.out)
	if len(s.out) > outLimit {
		s.ended = "the program does not read what it is sent: does it hang?"
		s.out = nil
		s.conn.Close()
	}
}

// end ends the connection once what waits has been sent.
func (s *session) end(why string) {
	s.mu.Lock()
	ended := s.ended
	if ended == "" {
		s.ended = why
	}
	s.mu.Unlock()
	if ended == "" {
		go s.flush()
	}
}

// pending reports whether there is something to flush.
func (s *session) pending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.out) > 0 && !s.writing
}

// flush writes what waits, unless another goroutine does so already; that one takes
// along what has come since.
func (s *session) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing {
		return
	}
	s.writing = true
	for len(s.out) > 0 {
		p := s.out
		s.out = s.spare[:0]
		if s.ended != "" {
			// A program that does not read must not keep its connection.
			_ = s.conn.SetWriteDeadline(time.Now().Add(time.Second))
		}
		s.mu.Unlock()
		_, err := s.conn.Write(p)
		s.mu.Lock()
		if s.spare = p; cap(p) > readBuffer {
			s.spare = nil
		}
		if err != nil {
			s.out = nil // the reader learns what is wrong
		}
	}
	s.writing = false
	if s.ended != "" {
		s.conn.Close()
	}
}

func clip(text string, n int) string {
	if len(text) > n {
		return text[:n]
	}
	return text
}
