package app

import (
	"fmt"
	"slices"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/timer"
)

// OpenQuoteAfter is how long a quoted string may stay open before the record
// notes it: the port seems dead to the host meanwhile.
const OpenQuoteAfter = 2 * time.Second

// A Context is where AT commands are taken and answered. Each channel that is in
// AT mode has one.
type Context struct {
	host     *Host
	channel  *Channel
	framer   *atcmd.Framer
	echo     bool
	echoed   int  // bytes of the line echoed so far
	overlong bool // the line in hand is longer than the buffer, and the record knows
	open     bool // the line in hand has an open quote, and the record knows
	endless  bool // the line in hand is not ended, and the record knows

	// held are notifications that may not go out yet, laid out for the wire; told is
	// the same of services.
	held, told []byte
	// lastInput is when the last byte after the last command came, kept only
	// where notifications wait for it.
	lastInput time.Time
	flushing  *timer.Timer // sends held notifications when their time has come
	quoteOpen *timer.Timer // notes an open quote in the record
	unended   *timer.Timer // notes a command without its terminator

	data  *dataMode // nil in AT mode
	limit uint16    // of #XDATACTRL, in ms; 0 until set or needed
}

func (h *Host) newContext(ch *Channel) *Context {
	return &Context{host: h, channel: ch, framer: atcmd.NewFramer(h.cfg.Dialect.Framing)}
}

// Open makes a context on a channel and attaches it: echo off, in AT mode.
func (h *Host) Open(ch *Channel) *Context {
	c := h.newContext(ch)
	h.contexts = append(h.contexts, c)
	ch.Attach(c)
	return c
}

// Move attaches a context to another channel. Its settings go along.
func (h *Host) Move(c *Context, to *Channel) {
	if c.channel.receiver == c {
		c.channel.Attach(nil)
	}
	c.channel = to
	to.Attach(c)
}

// Close ends a context. The last one there is must be moved instead.
func (h *Host) Close(c *Context) {
	if x := h.current; x != nil && x.context == c {
		x.over = true
		h.current = nil
	}
	c.data = nil
	c.flushing.Stop()
	c.quoteOpen.Stop()
	c.unended.Stop()
	if c.channel.receiver == c {
		c.channel.Attach(nil)
	}
	h.contexts = slices.DeleteFunc(h.contexts, func(o *Context) bool { return o == c })
	for _, r := range h.services {
		if s, ok := r.service.(Orphan); ok {
			s.ContextClosed(c, h.contexts[0])
		}
	}
	h.wake(nil)
}

// Channel returns the channel that the context is on.
func (c *Context) Channel() *Channel { return c.channel }

// SetEcho switches the echo.
func (c *Context) SetEcho(on bool) { c.echo = on }

// Receive takes bytes of the host and says how many it has used.
func (c *Context) Receive(p []byte) (n int) {
	h := c.host
	for n < len(p) && c.channel.receiver == c {
		if c.data != nil {
			used := c.data.receive(p[n:])
			n += used
			if used == 0 {
				return n
			}
			continue
		}
		if h.current != nil {
			if !h.cfg.Dialect.LoseInput {
				return n
			}
			h.recordProblem(event.Input{Problem: event.ProblemLost, Bytes: len(p) - n, ID: h.current.id,
				Reason: "the application does not receive while a command runs: wait for the final result"})
			return len(p)
		}
		h.cfg.Log.Settle() // from here on the last line and its exchange are used again
		used, line, err := c.framer.Next(p[n:])
		if c.echo {
			c.echoBack(p[n : n+used])
		}
		n += used
		if h.cfg.Dialect.Delivery != DeliverAtOnce {
			c.lastInput = time.Now()
		}
		switch {
		case err != nil:
			c.tooLong(err)
		case line != nil:
			c.echoed = 0
			c.lineEnded(line)
			if !blank(line) { // else no answer at all (facts at-host/blank-line and serial-modem/editing)
				c.serve(line)
			}
			if rest := p[n:]; len(rest) > 0 && rest[0] > ' ' && c.data == nil {
				h.recordProblem(event.Input{Problem: event.ProblemEarly, Bytes: len(rest), ID: h.number,
					Reason: "the next command was sent before the final result of the last one"})
			}
		}
	}
	c.watchInput(len(p))
	return n
}

// tooLong answers a line that did not fit.
func (c *Context) tooLong(err error) {
	c.echoed = 0
	limit := c.host.cfg.Dialect.Framing.Limit
	c.open, c.endless = false, false
	c.host.recordProblem(event.Input{Problem: event.ProblemTooLong, Bytes: limit, ID: c.host.number + 1,
		Reason: fmt.Sprintf("%v of %d characters", err, limit)})
	x := Exchange{context: c, own: true}
	x.layOut(atcmd.Result{Kind: atcmd.ResultError})
}

// watchInput watches for a line that outgrows the buffer unnoticed, for a quoted string
// that stays open, and for a line that is not ended. piece is how many bytes have come.
func (c *Context) watchInput(piece int) {
	h := c.host
	framing := &h.cfg.Dialect.Framing
	limit := framing.Limit
	if long := framing.Overflow == atcmd.OverflowDrop && c.framer.Pending() > limit; long != c.overlong {
		if c.overlong = long; long {
			c.problem(event.ProblemTooLong,
				fmt.Sprintf("%v of %d characters: what is too much is lost, a closing quote too", atcmd.ErrLineTooLong, limit))
		}
	}
	c.watchQuote()
	c.watchTerminator(piece)
}

func blank(line []byte) bool {
	for _, b := range line {
		if b > ' ' {
			return false
		}
	}
	return true
}
