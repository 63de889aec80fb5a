package app

import (
	"fmt"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
)

// Config is what an App is made of.
type Config struct {
	Dialect *Dialect
	Modem   *modem.Modem
	// Log is the event record; it may be nil.
	Log *event.Log
	// Run calls a function with the device's lock held and has the output sent
	// afterwards. Timers use it.
	Run func(func())
	// Board is what the application asks of the device around it. It may be nil
	// for an application without commands of its own.
	Board Board
}

// Board is what an application can have done by the device of which it is a
// part. All methods are called with the device's lock held.
type Board interface {
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

// An App is one application in front of one modem, as the device sees it.
type App struct{ host Host }

// New returns an application that has not started yet.
func New(cfg Config) *App {
	a := new(App)
	a.host.init(cfg)
	return a
}

// Start begins from the beginning, as a reset does: one context on the UART, no
// echo, no unfinished line, and the banner on the wire.
func (a *App) Start() {
	a.host.stop()
	a.host.start()
}

// Stop ends the application: its services, its timers, and the command in hand,
// which is never answered.
func (a *App) Stop() {
	for _, c := range a.host.contexts {
		if c.framer.InQuotes() && a.host.cfg.Log.Enabled() {
			c.quoteStaysOpen("it was never closed before the device lost its power or was reset")
		}
	}
	a.host.stop()
}

// Dialect returns what the application is.
func (a *App) Dialect() *Dialect { return a.host.cfg.Dialect }

// Busy reports whether a command is running whose final result comes later, or
// data of data mode is on its way out.
func (a *App) Busy() bool { return a.host.Busy() }

// Blocked reports whether the application takes no input from the UART now. What
// has come must wait, unless the dialect loses it.
func (a *App) Blocked() bool {
	_, at := a.host.uart.receiver.(*Context)
	return at && a.host.Busy()
}

// Cause returns the number of the command in whose name the application acts at
// this moment, 0 if it acts by itself.
func (a *App) Cause() int { return a.host.cause }

// As calls fn in the name of the command with the given number, see Cause.
func (a *App) As(cause int, fn func()) { a.host.As(cause, fn) }

// RunningTimers returns how many timers wait, for tests that look for what is left
// behind.
func (a *App) RunningTimers() int { return a.host.timers.Running() }

// Receive takes bytes that came over the UART and says how many of them it has
// used: fewer than all when a command runs and the rest must wait.
func (a *App) Receive(p []byte) int { return a.host.uart.Receive(p) }

// Output returns what is to be sent over the UART and forgets it. The slice is
// valid until the next call of any other method.
func (a *App) Output() []byte {
	out := a.host.uart.out
	a.host.uart.out = out[:0]
	return out
}

// Unsent returns how many bytes Output would return.
func (a *App) Unsent() int { return len(a.host.uart.out) }

// Notify takes a notification from the modem, a line without its end, and sends
// it when the dialect allows.
func (a *App) Notify(line []byte) {
	if i := a.host.interceptor(); i == nil || i.ModemLine(line) {
		a.host.notified().notify(line, event.FromModem)
	}
}

// Resume goes on with what Board.Congested has held back.
func (a *App) Resume() {
	for _, c := range a.host.contexts {
		c.deliver()
	}
	a.host.resumeServices()
}

// faultCounter stands for the modem's program counter at a crash (chosen).
const faultCounter = 0x2c1b6

// ModemCrashed is called when the modem has crashed. Serial Modem starts it
// again and says so; behind the AT Client it stays silent.
func (a *App) ModemCrashed(reason uint32) {
	h := &a.host
	if !h.cfg.Dialect.RestartModem {
		return
	}
	h.endSockets()
	h.Notify("#XMODEM: FAULT,0x%x,0x%x", reason, faultCounter)
	h.After(ModemRestart, func() {
		if h.cfg.Modem.Alive() {
			return // #XMODEMRESET was quicker
		}
		h.Notify("#XMODEM: SHUTDOWN,0")
		h.cfg.Board.ResetModem()
		h.Notify("#XMODEM: INIT,0")
	})
}

// Notify sends a notification of the application about the modem, to where the
// modem's go.
func (h *Host) Notify(format string, args ...any) {
	h.notified().notify(fmt.Appendf(nil, format, args...), event.FromApplication)
}

// NextNumber takes the next number of a command, for one that reaches the modem
// beside the application.
func (a *App) NextNumber() int { return a.host.nextNumber() }
