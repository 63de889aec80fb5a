package app

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// ModemRestart is how long the modem takes to start anew (facts
// serial-modem/xdatactrl and serial-modem/crash-time).
const ModemRestart = time.Second

// errModemGone is why sockets and services end when the modem starts anew.
var errModemGone = errors.New("the modem starts anew and has closed the sockets")

// A Host is what services and contexts have around them: the modem, the other
// parts of the application, and what the device does for it.
type Host struct {
	cfg    Config
	timers *timer.Group
	uart   Channel
	// contexts are the AT contexts that there are; the first is that of the start.
	contexts []*Context
	services []running // those that are in use, in the order of the dialect
	cmd      atcmd.Command
	spare    *Exchange // for the next command
	current  *Exchange // the command in hand, nil if there is none
	number   int       // of the last command
	cause    int       // see App.Cause
	baud     int       // of +IPR; 0 is the default
}

// running is a service that is in use.
type running struct {
	kind    *Kind
	service Service
}

func (h *Host) init(cfg Config) {
	h.cfg = cfg
	h.timers = timer.NewGroup(cfg.Run)
	h.uart = Channel{name: "UART"}
	h.contexts = []*Context{h.newContext(&h.uart)}
	h.uart.receiver = h.contexts[0]
}

func (h *Host) start() {
	c := h.contexts[0]
	c.framer.Reset()
	*c = Context{host: h, channel: &h.uart, framer: c.framer}
	*h = Host{cfg: h.cfg, timers: h.timers, uart: h.uart, contexts: append(h.contexts[:0], c), number: h.number}
	h.uart.receiver = c
	h.uart.Write([]byte(h.cfg.Dialect.Banner))
}

func (h *Host) stop() {
	h.cfg.Log.Settle()
	h.timers.Stop()
	if x := h.current; x != nil {
		x.over = true
		h.current = nil
	}
	services := h.services
	h.services = nil
	for _, r := range services {
		r.service.Stop()
	}
	for _, c := range h.contexts {
		c.data = nil
	}
}

// Busy reports whether a command is running whose final result comes later, or
// data of data mode is on its way out.
func (h *Host) Busy() bool {
	return h.current != nil || slices.ContainsFunc(h.contexts, func(c *Context) bool { return c.data != nil && c.data.sending })
}

// notified returns the context that hears of the modem's notifications.
func (h *Host) notified() *Context { return h.contexts[0] }

// Dialect returns what the application is.
func (h *Host) Dialect() *Dialect { return h.cfg.Dialect }

// Modem returns the modem behind the application.
func (h *Host) Modem() *modem.Modem { return h.cfg.Modem }

// Board returns the device around the application.
func (h *Host) Board() Board { return h.cfg.Board }

// UART returns the channel to the host.
func (h *Host) UART() *Channel { return &h.uart }

// Record adds an event to the record; it costs little if nobody listens.
func (h *Host) Record(e event.Event) {
	if h.cfg.Log.Enabled() {
		h.cfg.Log.Add(e)
	}
}

// After calls fn with the device's lock held when d has passed, unless the
// application has been stopped by then, or the timer.
func (h *Host) After(d time.Duration, fn func()) *timer.Timer { return h.timers.After(d, fn) }

// NewTimer returns a timer that calls fn as After does. It does not run until its
// Reset.
func (h *Host) NewTimer(fn func()) *timer.Timer { return h.timers.New(fn) }

// Ask runs a command on the modem for the application itself and returns its
// first information line, without the name.
func (h *Host) Ask(name, line string) (string, error) {
	var w atcmd.Response
	w.Reset(nil)
	if err := h.cfg.Modem.Execute(&w, []byte(line), h.cause); err != nil {
		return "", err
	}
	for text := range w.Parts() {
		if rest, ok := bytes.CutPrefix(text, []byte(name+": ")); ok {
			return string(rest), nil
		}
	}
	return "", atcmd.Errorf("the modem answered %s without a value", line)
}

// Cause returns the number of the command in whose name the application acts at
// this moment, 0 if it acts by itself.
func (h *Host) Cause() int { return h.cause }

// As calls fn in the name of the command with the given number: what it does is
// recorded as caused by that.
func (h *Host) As(cause int, fn func()) {
	before := h.cause
	h.cause = cause
	fn()
	h.cause = before
}

// RestartModem starts the modem anew, which ends all sockets at once and takes
// ModemRestart. done is called with the device's lock held.
func (h *Host) RestartModem(done func()) {
	h.endSockets()
	h.After(ModemRestart, func() {
		h.cfg.Board.ResetModem()
		done()
	})
}

// endSockets ends all sockets at once, as when the modem starts anew.
func (h *Host) endSockets() {
	for _, r := range slices.Clone(h.services) {
		r.service.ModemGone(errModemGone)
	}
	h.cfg.Board.EndSockets()
	for _, c := range h.contexts {
		c.FailData(errModemGone)
	}
}

// ModemGoneError is err, with which services end when the modem starts anew, as
// the error of a socket operation.
func ModemGoneError(op string, err error) *socket.Error {
	return &socket.Error{Op: op, Errno: socket.ENETDOWN, Reason: err.Error(), Err: err}
}

// rates are those of AT+IPR (fact serial-modem/ipr).
var rates = []int{defaultRate, 230400, 460800, 921600, 1000000}

const defaultRate = 115200

// Rates returns the rates that the UART can have, in baud. They are not to be
// changed.
func (h *Host) Rates() []int { return rates }

// Rate returns the UART's rate in baud, which SetRate sets: what the link does is
// not the application's.
func (h *Host) Rate() int {
	if h.baud == 0 {
		return defaultRate
	}
	return h.baud
}

// SetRate keeps one of Rates.
func (h *Host) SetRate(baud int) { h.baud = baud }
