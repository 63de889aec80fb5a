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
)

// An Exchange is a command and its answer. A handler may keep it if it has called
// Later; once the command is over, whatever is done with the Exchange does nothing.
type Exchange struct {
	context *Context
	id      int
	own     bool // a command of the application, not of the modem
	over    bool // it has its final result, or will never have one
	resp    atcmd.Response
	late    func(error) // finish

	// What follows is for the record.

	start, end time.Time
	line       []byte     // until the command's event is made
	shown      event.Line // as the record has it
	result     atcmd.Result
	err        error
	silent     bool // the host gets no final result
}

// newExchange returns an exchange for the next command of a context. One that
// nobody can have kept is used again: most commands allocate nothing.
func (h *Host) newExchange(c *Context) *Exchange {
	x := h.spare
	h.spare = nil
	if x == nil {
		x = new(Exchange)
		x.late = x.Finish
	}
	h.nextNumber()
	x.context, x.id, x.own, x.over, x.shown = c, h.number, false, false, event.Line{}
	x.resp.Reset(x.late)
	return x
}

// nextNumber takes the next number of a command, for one that does not come from a
// context.
func (h *Host) nextNumber() int {
	h.number++
	return h.number
}

// ID returns the number of the command, as the record has it.
func (x *Exchange) ID() int { return x.id }

// Context returns where the command came from.
func (x *Exchange) Context() *Context { return x.context }

// Command returns the command. It is valid until the handler returns, or as long
// as the command is live.
func (x *Exchange) Command() *atcmd.Command { return &x.context.host.cmd }

// Args returns a reader of the command's parameters.
func (x *Exchange) Args() atcmd.ArgReader {
	return x.context.host.cfg.Dialect.Parser.ReadArgs(x.Command())
}

// Printf adds an information line, given without its line end.
func (x *Exchange) Printf(format string, args ...any) { x.resp.Printf(format, args...) }

// Line adds an information line, given without its line end.
func (x *Exchange) Line(text string) { x.resp.Line(text) }

// Data adds payload that is sent as it is, without line ends.
func (x *Exchange) Data(p []byte) { x.resp.Data(p) }

// Later says that the command goes on after its handler has returned, whose
// result is ignored then, until Finish.
func (x *Exchange) Later() { x.resp.Later() }

// Live reports whether the command still waits for its final result.
func (x *Exchange) Live() bool { return !x.over }

// Finish ends a command that has called Later, unless it is over: then it does
// nothing. It may be called before the handler returns.
func (x *Exchange) Finish(err error) {
	if !x.over {
		x.finish(err)
	}
}

// Wait has the command wait until start calls done, which start may do before it
// returns. A failing socket operation makes a plain ERROR, see [Refuse].
func (x *Exchange) Wait(start func(done func(error))) {
	x.Later()
	start(func(err error) { x.Finish(Refuse(err)) })
}

// EnterData enters data mode once the command has been answered.
func (x *Exchange) EnterData(d Data) {
	x.context.enterData(d, x.id)
}

// Refuse makes a failing socket operation a plain ERROR; errno and reason are for
// the record. Nil stays nil.
func Refuse(err error) error {
	if err == nil {
		return nil
	}
	return atcmd.Errorf("%w", err)
}

// Errno returns the number of the application's C library for an error of the
// socket engine; EIO for what has none.
func Errno(err error) int {
	if n, ok := errors.AsType[socket.Errno](err); ok {
		return int(n)
	}
	return int(socket.EIO)
}

// serve runs a command line.
func (c *Context) serve(line []byte) {
	h := c.host
	x := h.newExchange(c)
	if h.cfg.Log.Enabled() {
		x.start, x.line = time.Now(), line
		h.cfg.Log.AddLater(x.start, (*commandEvent)(x))
	}
	h.current = x
	before := h.cause
	h.cause = x.id
	err := x.execute(line)
	h.cause = before
	if x.resp.Busy() {
		return
	}
	x.Finish(err)
	if h.spare == nil {
		h.spare = x
	}
}

// execute finds out whose command it is.
func (x *Exchange) execute(line []byte) error {
	h := x.context.host
	d := h.cfg.Dialect
	if d.SeekAT {
		line = seekAT(line)
	}
	if d.Grammar {
		line, _, _ = bytes.Cut(line, []byte{0}) // it is a text in C (fact serial-modem/nul)
		if err := checkGrammar(line, d.Echo); err != nil {
			x.own = true
			return err
		}
	}
	if mux := d.own().mux; mux != nil {
		// The modem parses the line again; a second parse costs less than a second
		// interface between application and modem.
		if err := h.cmd.Parse(line); err == nil {
			if handler := mux.Handler(&h.cmd); handler != nil {
				x.own = true
				return handler.ServeAT(x, &x.resp, &h.cmd)
			}
			if i := h.interceptor(); i != nil {
				if handled, err := i.Intercept(x); handled {
					return err
				}
			}
		}
	}
	return x.pass(line)
}

// finish lays out the answer, and then what was waiting for it.
func (x *Exchange) finish(err error) {
	c := x.context
	h := c.host
	x.over = true
	h.current = nil
	result := atcmd.ResultOf(err)
	if !x.own {
		result = h.cfg.Modem.Visible(err)
	}
	if errors.Is(err, modem.ErrPowerLost) {
		c.channel.Attach(nobody{})
		return // nobody is left to answer
	}
	crashed := errors.Is(err, modem.ErrCrashed)
	switch {
	case !crashed:
		x.layOut(result)
	case h.cfg.Dialect.Framed:
		// The library refuses the call and Serial Modem answers ERROR (fact
		// serial-modem/crash).
		x.resp.Reset(nil)
		result = atcmd.Result{Kind: atcmd.ResultError}
		x.layOut(result)
	default:
		// The port stays silent (fact at-host/crash).
	}
	if h.cfg.Log.Enabled() {
		x.record(result, err, crashed && !h.cfg.Dialect.Framed)
	}
	c.lastInput = time.Time{}
	h.As(0, func() {
		h.cfg.Modem.Settle()
		c.deliver()
		h.wake(c)
	})
}

// wake tells those below other contexts that they take input again, and has them
// say what had to wait.
func (h *Host) wake(ended *Context) {
	if len(h.contexts) == 1 && ended == h.contexts[0] && h.uart.receiver == ended {
		return // the device wakes the UART
	}
	for _, c := range slices.Clone(h.contexts) {
		if c != ended {
			c.deliver()
		}
		if ch := c.channel; ch.lower != nil && !ch.inside && h.current == nil {
			ch.lower.Ready()
		}
	}
}
