package libmodem

import (
	"errors"
	"fmt"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/gnss"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// Config is what a Library is made of.
type Config struct {
	// Log is the event record; it may be nil.
	Log *event.Log
	// Run calls a function with the device's lock held. What ports have to send
	// because of it is sent without waiting; for the program that is up to the
	// caller.
	Run func(func())
	// Timers wait with the device's lock.
	Timers *timer.Group
	// Device is the device of which the library interface is a part.
	Device Device
	// MaxMessage is the largest data of one TLS or DTLS send, in bytes.
	MaxMessage int
}

// Device is what the library interface asks of the device around it. All methods
// are called with the device's lock held.
type Device interface {
	// Sockets returns the socket engine of the modem in hand.
	Sockets() *socket.Engine
	// GNSS returns the receiver of the modem in hand; nil if there is none.
	GNSS() *gnss.Receiver
	// Exchange returns a number for a command, for the record.
	Exchange() int
	// Reboot starts everything anew, as a reset of the chip does.
	Reboot(reason string)
	// StopModem takes the modem its power and ends its sockets; StartModem gives it
	// back.
	StopModem()
	StartModem()
	// EndSockets ends all sockets.
	EndSockets()
	// Boot returns the number of the boot.
	Boot() int
}

// A Library is the library interface of one device. Its methods are called with the
// device's lock held, but for Serve.
type Library struct {
	cfg   Config
	modem *modem.Modem // nil without power
	// down is set while the program has shut the modem down.
	down bool
	// used is set once a program has begun in this boot: the next one resets the
	// device.
	used bool

	session  *session   // of the program that runs
	waiting  []*session // those that wait for power
	sessions map[*session]struct{}
	emptied  []chan struct{} // closed when there is no session any more

	leds    uint32
	pressed uint32 // buttons
	socks   map[int]*sock
}

// New returns the library interface of a device without power.
func New(cfg Config) *Library {
	return &Library{cfg: cfg, sessions: make(map[*session]struct{}), socks: make(map[int]*sock)}
}

// Start begins a boot: programs that have waited for power get it.
func (l *Library) Start(m *modem.Modem) {
	l.modem, l.down, l.used = m, false, false
	waiting := l.waiting
	l.waiting = nil
	for _, s := range waiting {
		s.hello(s.waitID, s.program)
	}
}

// Stop ends a boot: the program's connection ends, and it begins again, as it does
// when its chip loses power or is reset.
func (l *Library) Stop(reset bool) {
	l.modem = nil
	if s := l.session; s != nil {
		action := powerGone
		if reset {
			action = powerReset
		}
		s.event(eventPower, func(b []byte) []byte { return append32(b, action) })
		l.detach(s)
		s.end("the device has lost its power")
	}
	l.forgetSockets()
	l.leds = 0
}

// Attached reports whether a program is connected and has begun.
func (l *Library) Attached() bool { return l.session != nil }

// ProcessID returns what the program that is connected says of itself, 0 if there is none.
func (l *Library) ProcessID() int {
	if l.session == nil {
		return 0
	}
	return int(l.session.program.pid)
}

// Busy reports whether something that a program has asked for is under way, such
// as a command or a connect; waiting for data does not count.
func (l *Library) Busy() bool { return l.session != nil && l.session.busy > 0 }

// Empty returns a channel that is closed once no program is connected: what programs that
// have ended had asked for has been done then.
func (l *Library) Empty() <-chan struct{} {
	c := make(chan struct{})
	l.emptied = append(l.emptied, c)
	l.tellEmpty()
	return c
}

// tellEmpty tells those who wait for the last connection to end.
func (l *Library) tellEmpty() {
	if len(l.sessions) > 0 {
		return
	}
	for _, c := range l.emptied {
		close(c)
	}
	l.emptied = nil
}

// Down reports whether the program has shut the modem down.
func (l *Library) Down() bool { return l.down }

// Notify hands on a notification of the modem, a line without its end.
func (l *Library) Notify(line []byte) {
	if l.session != nil && !l.down {
		l.session.event(eventNotification, func(b []byte) []byte {
			return append(append(b, line...), '\r', '\n')
		})
	}
}

// faultCounter is the program counter of a fault (chosen).
const faultCounter = 0x50710

// ModemCrashed tells the program that the modem has crashed. What it waits for ends
// with ESHUTDOWN.
func (l *Library) ModemCrashed(reason uint32) {
	s := l.session
	if s == nil {
		return
	}
	s.abortAT()
	s.event(eventFault, func(b []byte) []byte { return append32(b, int(reason), faultCounter) })
}

// SocketsEnded is called when the socket engine was ended: handles of the old one
// are of no more use.
func (l *Library) SocketsEnded() { l.forgetSockets() }

// Flush has sent what waits for the program, by somebody who may wait for it.
func (l *Library) Flush() {
	if s := l.session; s != nil && s.pending() {
		go s.flush()
	}
}

// Close ends all connections.
func (l *Library) Close() {
	for s := range l.sessions {
		s.end("the emulator ends")
	}
}

// errNoPower is what a request gets between two boots, when its connection is about
// to end.
var errNoPower = errors.New("the device has no power")

// attach makes s the session of the program that runs.
func (l *Library) attach(s *session) error {
	if l.session != nil && l.session != s {
		return fmt.Errorf("another program is connected: %s", l.session.program)
	}
	if l.used {
		l.cfg.Device.Reboot("a program begins while one has run in this boot already")
		if l.modem == nil {
			return errNoPower
		}
	}
	l.used, l.session = true, s
	return nil
}

// detach takes the session of the program that runs away.
func (l *Library) detach(s *session) {
	if l.session == s {
		l.session = nil
		l.closeSockets()
	}
}

// ExpectEnd records that the program is about to be ended, and why.
func (l *Library) ExpectEnd(reason string) {
	if s := l.session; s != nil && !s.exited {
		s.exited = true
		l.record(event.Event{Program: &event.Program{
			Action: event.ProgramEnd, Name: s.program.name, PID: int(s.program.pid), Reason: reason,
		}})
	}
}

// record adds an event, if there is a record.
func (l *Library) record(e event.Event) {
	if l.cfg.Log.Enabled() {
		l.cfg.Log.Add(e)
	}
}
