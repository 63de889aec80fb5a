package app

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/timer"
)

const (
	// DataBuffer is how much data mode collects before it sends, in bytes
	// (fact serial-modem/data-mode).
	DataBuffer = 4096
	// terminator ends data mode, wherever it stands and without a pause before it.
	terminator = "+++"
	// uartBuffer is one receive buffer of the UART in bytes; while one fills, the
	// application sees nothing (fact serial-modem/uart). uartMargin is added to
	// that time.
	uartBuffer = 256
	uartMargin = 10
)

var errOverflow = errors.New("the data does not fit one datagram or message: data mode collects 4,096 bytes")

// Data is what a service wants data mode for.
type Data struct {
	// Send sends p, all of it, and calls done with the device's lock held, perhaps
	// before it returns. p stays as it is until then.
	Send func(p []byte, done func(error))
	// Whole says that what is collected is one datagram or message: what does not
	// fit is an error.
	Whole bool
	// Length, if not 0, is how many bytes end data mode, and nothing else does.
	Length int
	// Check looks whether something has come that is to be passed on, or whether the
	// connection has ended. It may be nil.
	Check func()
	// Left is called when data mode has been left. It may be nil.
	Left func()
	// Told says that the host is sent a terminator as soon as data mode has failed
	// (fact serial-modem/data-mode-loss).
	Told bool
}

// dataMode is data mode while it lasts: what the host sends is payload. It
// collects up to DataBuffer bytes and sends them when the buffer is full, at a
// pause, and at the end. While they are on their way nothing more is taken from
// the host.
type dataMode struct {
	Data
	context *Context
	cause   int // the command that has entered it
	left    int // of Length

	buf     []byte
	plus    int // how much of a terminator has come
	sending bool
	closing bool  // data mode ends when what is on its way has gone
	failed  error // what follows is dropped until the end (null mode)
	timer   *timer.Timer
}

// enterData enters data mode.
func (c *Context) enterData(data Data, cause int) {
	d := &dataMode{Data: data, context: c, cause: cause, left: data.Length}
	c.data = d
	if c.limit == 0 {
		c.limit = c.ShortestDataLimit()
	}
	d.timer = c.host.NewTimer(func() {
		if c.data == d {
			d.pause()
		}
	})
}

// InData reports whether the context is in data mode.
func (c *Context) InData() bool { return c.data != nil }

// receive takes payload and says how much of p it has used.
func (d *dataMode) receive(p []byte) (n int) {
	if d.sending || d.closing {
		return 0
	}
	switch {
	case d.failed != nil:
		return d.drop(p)
	case d.Length > 0:
		n = d.store(p[:min(len(p), d.left)])
		d.left -= n
		if d.left == 0 {
			d.end()
			return n
		}
	default:
		if n = d.scan(p); d.context.data != d || d.closing {
			return n
		}
	}
	if d.failed != nil {
		return n + d.drop(p[n:])
	}
	d.timer.Reset(time.Duration(d.context.limit) * time.Millisecond)
	return n
}

// scan takes payload up to the terminator.
func (d *dataMode) scan(p []byte) (n int) {
	for n < len(p) && !d.sending && d.failed == nil {
		switch {
		case d.plus == 0:
			run := bytes.IndexByte(p[n:], terminator[0])
			if run < 0 {
				run = len(p) - n
			}
			if run > 0 {
				n += d.store(p[n : n+run])
				continue
			}
			d.plus = 1
			n++
		case p[n] == terminator[d.plus]:
			n++
			if d.plus++; d.plus == len(terminator) {
				d.plus = 0
				d.end()
				return n
			}
		default:
			d.plus -= d.store([]byte(terminator[:d.plus])) // it was none
		}
	}
	return n
}

// store puts data into the buffer and sends it when that is full. It returns how
// much it has used: less than all when it must wait, all once sending has
// failed.
func (d *dataMode) store(p []byte) (n int) {
	if d.buf == nil {
		d.buf = make([]byte, 0, DataBuffer)
	}
	for n < len(p) && !d.sending && d.failed == nil {
		if d.Whole && len(d.buf) == DataBuffer {
			d.fail(errOverflow)
			break
		}
		k := min(len(p)-n, DataBuffer-len(d.buf))
		d.buf = append(d.buf, p[n:n+k]...)
		n += k
		if len(d.buf) == DataBuffer && !d.Whole {
			d.flush()
		}
	}
	return n
}

// pause is called when nothing has come for the inactivity limit. It sends what
// is there, with the beginning of a terminator as data; with nothing else there
// that stays one (fact serial-modem/data-mode).
func (d *dataMode) pause() {
	if len(d.buf) == 0 || d.sending || d.failed != nil {
		return
	}
	if n := d.store([]byte(terminator[:d.plus])); n < d.plus {
		d.plus -= n // full: the rest waits for the next pause
		return
	}
	d.plus = 0
	d.flush()
}

// flush sends the buffer.
func (d *dataMode) flush() {
	if len(d.buf) == 0 || d.sending {
		return
	}
	d.sending = true
	d.context.host.As(d.cause, func() { d.Send(d.buf, d.sent) })
}

// sent is called when what was flushed has gone.
func (d *dataMode) sent(err error) {
	if d.context.data != d {
		return
	}
	d.sending = false
	d.buf = d.buf[:0]
	if how := d.context.host.cfg.Dialect.SendFailure; err != nil && how == FailureDrops {
		d.fail(err)
	} else if err != nil {
		d.context.host.Problem(event.ProblemDataMode, 0, "data was not sent, and is lost: "+err.Error())
		d.closing = d.closing || how == FailureEnds
	}
	if d.closing {
		d.exit()
	}
}

// fail begins null mode: what comes is dropped until the host's terminator, which is
// what ends data mode for a host that has counted, too (fact serial-modem/data-mode-count).
func (d *dataMode) fail(err error) {
	if d.failed != nil {
		return
	}
	d.failed = err
	d.buf, d.plus, d.Length = d.buf[:0], 0, 0
	if d.Told {
		d.context.channel.Write([]byte(terminator))
	}
}

// FailData has data mode drop what comes until its end, which tells of the
// failure. It does nothing in AT mode, or if data mode has failed or is ending already.
func (c *Context) FailData(err error) {
	if c.data != nil && !c.data.closing {
		c.data.fail(err)
	}
}

// drop looks for the end in what is dropped.
func (d *dataMode) drop(p []byte) int {
	for i, c := range p {
		if c != terminator[d.plus] {
			d.plus = 0
		} else if d.plus++; d.plus == len(terminator) {
			d.exit()
			return i + 1
		}
	}
	return len(p)
}

// end sends the rest and leaves data mode.
func (d *dataMode) end() {
	d.closing = true
	if d.flush(); !d.sending && d.context.data == d {
		d.exit()
	}
}

// exit leaves data mode and tells how it went. What has happened meanwhile comes
// after that.
func (d *dataMode) exit() {
	c := d.context
	d.timer.Stop()
	c.data = nil
	c.lastInput = time.Time{}
	status := 0
	if d.failed != nil {
		status = c.host.dataStatus(d.failed)
		c.host.Problem(event.ProblemDataMode, 0, "data mode ended with a failure: "+d.failed.Error())
	}
	c.URC(fmt.Appendf(nil, "#XDATAMODE: %d", status))
	if d.Left != nil {
		d.Left()
	}
	for _, r := range c.host.services {
		if s, ok := r.service.(Notifier); ok {
			s.DataEnded(c)
		}
	}
	c.deliver()
	c.host.wake(c)
}

// check looks what has happened to the connection.
func (d *dataMode) check() {
	if d.Check != nil && d.failed == nil {
		d.Check()
	}
}

// eOverflow is EOVERFLOW of the application's C library, which no socket answers.
const eOverflow = 139

// dataStatus is the number with which data mode ends after a failure
// (fact serial-modem/data-mode).
func (h *Host) dataStatus(err error) int {
	switch {
	case !h.cfg.Dialect.DataModeErrno:
		return -1
	case errors.Is(err, errOverflow):
		return -eOverflow
	}
	return -Errno(err)
}

// ShortestDataLimit is the shortest inactivity limit in milliseconds, which is the
// default too: the time in which a receive buffer of the UART fills, and a margin
// (fact serial-modem/data-mode).
func (c *Context) ShortestDataLimit() uint16 {
	return uint16(uartBuffer*10*1000/c.host.Rate() + uartMargin)
}

// DataLimit returns the inactivity limit of data mode in milliseconds, 0 as long as
// none was set or needed.
func (c *Context) DataLimit() uint16 { return c.limit }

// SetDataLimit sets the inactivity limit of data mode in milliseconds.
func (c *Context) SetDataLimit(ms uint16) { c.limit = ms }
