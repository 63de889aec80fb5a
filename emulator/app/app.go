package app

import (
	"errors"
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// OpenQuoteAfter is how long a quoted string may stay open before the record
// notes it: the port seems dead to the host meanwhile.
const OpenQuoteAfter = 2 * time.Second

// Config is what an App is made of.
type Config struct {
	Dialect *Dialect
	Modem   *modem.Modem
	// Log is the event record; it may be nil.
	Log *event.Log
	// Run calls a function with the device's lock held and has the output sent
	// afterwards. Timers use it.
	Run func(func())
	// Device is what the application asks of the device around it. It may be nil
	// for an application without commands of its own.
	Device Device
}

// Device is what an application can have done by the device of which it is a
// part. All methods are called with the device's lock held.
type Device interface {
	// Sockets returns the socket engine of the modem in hand, made with the first
	// call after the modem was started.
	Sockets() *socket.Engine
	// UUID returns the device's UUID.
	UUID() string
	// Reset stores the modem's settings and starts modem and application anew.
	Reset()
	// ResetModem starts the modem alone anew and ends its sockets.
	ResetModem()
	// EndSockets ends all sockets, as a crash of the modem does.
	EndSockets()
	// Shutdown switches the device off in good order.
	Shutdown(reason string)
	// Congested reports whether the host is slow to take what has been sent, so
	// that nothing should be added to n more bytes that nobody waits for. If it is
	// true, App.Resume is called as soon as the host has caught up.
	Congested(n int) bool
}

// An App is one application in front of one modem.
type App struct {
	cfg      Config
	framer   *atcmd.Framer
	cmd      atcmd.Command
	resp     atcmd.Response
	out      []byte
	echo     bool
	echoed   int // bytes of the line echoed so far
	running  *exchange
	number   int
	current  exchange
	dead     bool // the power went in the middle of a command
	overlong bool // the line in hand is longer than the buffer, and the record knows
	// held are notifications that may not go out yet, laid out for the wire.
	held []byte
	// lastInput is when the last byte after the last command came, kept only
	// where notifications wait for it.
	lastInput time.Time
	flushing  *timer.Timer // sends held notifications when their time has come
	quoteOpen *timer.Timer // notes an open quote in the record

	// timers end with the application.
	timers *timer.Group
	// life is counted up at each start and stop: what belongs to an earlier life
	// does nothing.
	life   int
	net    *sockets  // nil until a socket command needs it
	data   *dataMode // nil in AT mode
	limit  uint16    // of #XDATACTRL, in ms; 0 until set or needed
	baud   int       // of +IPR; 0 is the default
	asleep bool      // the UART is off

	told []byte       // what services have told and may not go out yet
	mqtt *mqttService // nil until an MQTT command needs it
	slm  *slmState    // nil until a command of SLM needs it
}

// exchange is one command and its answer.
type exchange struct {
	id    int
	start time.Time
	own   bool // a command of the application, not of the modem
}

// New returns an application that has not started yet.
func New(cfg Config) *App {
	return &App{cfg: cfg, framer: atcmd.NewFramer(cfg.Dialect.Framing), timers: timer.NewGroup(cfg.Run)}
}

// Start begins from the beginning, as a reset does: no echo, no unfinished line,
// and the banner on the wire.
func (a *App) Start() {
	a.Stop()
	*a = App{
		cfg: a.cfg, framer: a.framer, timers: a.timers, number: a.number, life: a.life,
		out: append(a.out, a.cfg.Dialect.Banner...),
	}
	a.framer.Reset()
}

// Stop ends the application: its timers, and the command in hand, which is never
// answered.
func (a *App) Stop() {
	a.life++
	a.timers.Stop()
	a.stopServices()
}

// after calls fn with the device's lock held when d has passed, unless the timer
// or the application has been stopped by then.
func (a *App) after(d time.Duration, fn func()) *timer.Timer { return a.timers.After(d, fn) }

// Dialect returns what the application is.
func (a *App) Dialect() *Dialect { return a.cfg.Dialect }

// Busy reports whether the application takes no input now: a command is running
// whose final result comes later, or data is on its way out.
func (a *App) Busy() bool { return a.running != nil || a.data != nil && a.data.sending }

// Exchange returns the number of the command in hand, 0 if there is none.
func (a *App) Exchange() int {
	if a.running == nil {
		return 0
	}
	return a.running.id
}

// Output returns what is to be sent and forgets it. The slice is valid until the
// next call of any other method.
func (a *App) Output() []byte {
	out := a.out
	a.out = a.out[:0]
	return out
}

// Unsent returns how many bytes Output would return.
func (a *App) Unsent() int { return len(a.out) }

// Receive takes bytes that came over the UART and says how many of them it has
// used: fewer than all when a command runs and the rest must wait.
func (a *App) Receive(p []byte) (n int) {
	for n < len(p) {
		if a.dead {
			return len(p)
		}
		if a.asleep {
			a.wake(len(p) - n)
			return len(p)
		}
		if a.data != nil {
			used := a.data.receive(p[n:])
			n += used
			if used == 0 {
				return n
			}
			continue
		}
		if a.running != nil {
			if !a.cfg.Dialect.LoseInput {
				return n
			}
			a.problem("lost", len(p)-n, "the application does not receive while a command runs: wait for the final result")
			return len(p)
		}
		used, line, err := a.framer.Next(p[n:])
		if a.echo {
			a.echoBack(p[n : n+used])
		}
		n += used
		if a.cfg.Dialect.Delivery != DeliverAtOnce {
			a.lastInput = time.Now()
		}
		switch {
		case err != nil:
			a.tooLong(err)
		case line != nil:
			a.echoed = 0
			a.line(line)
			if rest := p[n:]; len(rest) > 0 && rest[0] > ' ' && a.data == nil {
				a.problem("early", len(rest), "the next command was sent before the final result of the last one")
			}
		}
	}
	a.watchInput()
	return n
}

// line deals with a complete line.
func (a *App) line(line []byte) {
	if blank(line) {
		return // no answer at all (seen in source)
	}
	a.number++
	a.current = exchange{id: a.number}
	if a.cfg.Log.Enabled() {
		a.current.start = time.Now()
		a.recordCommand(line)
	}
	a.resp.Reset(a.finishLater)
	a.running = &a.current
	err := a.execute(line)
	if a.resp.Busy() {
		return
	}
	a.finish(err)
}

// execute finds out whose command it is.
func (a *App) execute(line []byte) error {
	d := a.cfg.Dialect
	if d.SeekAT {
		line = seekAT(line)
	}
	if d.Grammar {
		if err := checkGrammar(line, d.Echo); err != nil {
			a.current.own = true
			return err
		}
	}
	if d.own != nil {
		// The modem parses the line again; a second parse costs less than a second
		// interface between the two rooms.
		if err := a.cmd.Parse(line); err == nil {
			if h := d.own.mux.Handler(&a.cmd); h != nil {
				a.current.own = true
				return h.ServeAT(a, &a.resp, &a.cmd)
			}
		}
	}
	if !a.cfg.Modem.Alive() {
		return modem.ErrCrashed
	}
	err := a.cfg.Modem.Execute(&a.resp, line, a.current.id)
	if err == nil && a.resp.Size() > d.ResponseLimit {
		// The modem library answers -NRF_E2BIG; Serial Modem sends ERROR (seen in
		// source), for the AT Client sample that is chosen.
		a.resp.Reset(nil)
		return atcmd.Errorf("the answer is longer than the application's buffer of %d bytes", d.ResponseLimit)
	}
	return err
}

// finishLater ends a command whose handler used Later.
func (a *App) finishLater(err error) {
	if a.running != nil {
		a.finish(err)
	}
}

// A pending is a command that goes on after its handler has returned.
type pending struct {
	app      *App
	life, id int
}

// later says that the command in hand goes on. The handler's own result is
// ignored then. The command may be finished before the handler returns.
func (a *App) later() pending {
	a.resp.Later()
	return pending{a, a.life, a.current.id}
}

// live reports whether the command still waits for its result. If not, its
// response belongs to another one.
func (p pending) live() bool {
	return p.app.life == p.life && p.app.running != nil && p.app.current.id == p.id
}

// finish ends the command, if it still waits.
func (p pending) finish(err error) {
	if p.live() {
		p.app.finish(err)
	}
}

// finish lays out the answer, and then what was waiting for it.
func (a *App) finish(err error) {
	result := atcmd.ResultOf(err)
	if !a.current.own {
		result = a.cfg.Modem.Visible(err)
	}
	if errors.Is(err, modem.ErrPowerLost) {
		a.running, a.dead = nil, true
		return // nobody is left to answer
	}
	crashed := errors.Is(err, modem.ErrCrashed)
	switch {
	case !crashed:
		a.layOut(result)
	case a.cfg.Dialect.Framed:
		// The library refuses the call and Serial Modem answers ERROR (seen in
		// source).
		a.resp.Reset(nil)
		result = atcmd.Result{Kind: atcmd.ResultError}
		a.layOut(result)
	default:
		// The port stays silent (pitfalls 1, user reports).
	}
	if a.cfg.Log.Enabled() {
		a.recordResponse(result, err, crashed)
	}
	a.running = nil
	a.lastInput = time.Time{}
	a.cfg.Modem.Settle()
	a.deliver()
}

// tooLong answers a line that did not fit.
func (a *App) tooLong(err error) {
	a.echoed = 0
	a.problem("too-long", a.cfg.Dialect.Framing.Limit, fmt.Sprintf("%v of %d characters", err, a.cfg.Dialect.Framing.Limit))
	a.resp.Reset(nil)
	a.current.own = true
	a.layOut(atcmd.Result{Kind: atcmd.ResultError})
}

func blank(line []byte) bool {
	for _, c := range line {
		if c > ' ' {
			return false
		}
	}
	return true
}
