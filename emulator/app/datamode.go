package app

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

const (
	// dataBuffer is how much data mode collects before it sends, in bytes
	// (serial-modem-at 1.10, documented).
	dataBuffer = 4096
	// terminator ends data mode, wherever it stands and without a pause before it.
	terminator = "+++"
	// uartBuffer is one receive buffer of the UART in bytes; while one fills, the
	// application sees nothing (1.1, documented). uartMargin is added to that time.
	uartBuffer = 256
	uartMargin = 10
)

var (
	errOverflow      = errors.New("the data does not fit one datagram or message: data mode collects 4,096 bytes")
	errModemRestarts = errors.New("the modem starts anew and has closed the socket")
)

// dataMode is data mode while it lasts: what the host sends is payload. It
// collects up to dataBuffer bytes and sends them when the buffer is full, at a
// pause, and at the end. While they are on their way nothing more is taken from
// the host.
type dataMode struct {
	app  *App
	sock *sock // whose events matter; nil for none
	// send sends p, all of it, and calls done with the device's lock held, perhaps
	// before it returns. p stays as it is until then.
	send func(p []byte, done func(error))
	// whole says that the buffer is one datagram or message: what does not fit is
	// an error.
	whole bool
	// counted says that left more bytes end data mode, and nothing else.
	counted bool
	left    int

	buf     []byte
	plus    int // how much of a terminator has come
	sending bool
	closing bool  // data mode ends when what is on its way has gone
	failed  error // what follows is dropped until the end (null mode)
	timer   *timer.Timer
}

// enterData enters data mode once the command in hand has been answered.
func (a *App) enterData(d *dataMode) {
	d.app = a
	a.data = d
	if a.limit == 0 {
		a.limit = a.shortestLimit()
	}
	d.timer = a.timers.New(d.pause)
	if d.sock != nil {
		d.sock.watch()
	}
}

// receive takes payload and says how much of p it has used.
func (d *dataMode) receive(p []byte) (n int) {
	if d.sending || d.closing {
		return 0
	}
	switch {
	case d.failed != nil:
		return d.drop(p)
	case d.counted:
		n = d.store(p[:min(len(p), d.left)])
		d.left -= n
		if d.left == 0 {
			d.end()
			return n
		}
	default:
		if n = d.scan(p); d.app.data != d || d.closing {
			return n
		}
	}
	if d.failed != nil {
		return n + d.drop(p[n:])
	}
	d.timer.Reset(time.Duration(d.app.limit) * time.Millisecond)
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
		d.buf = make([]byte, 0, dataBuffer)
	}
	for n < len(p) && !d.sending && d.failed == nil {
		if d.whole && len(d.buf) == dataBuffer {
			d.fail(errOverflow)
			break
		}
		k := min(len(p)-n, dataBuffer-len(d.buf))
		d.buf = append(d.buf, p[n:n+k]...)
		n += k
		if len(d.buf) == dataBuffer && !d.whole {
			d.flush()
		}
	}
	return n
}

// pause is called when nothing has come for the inactivity limit. It sends what
// is there, with the beginning of a terminator as data; with nothing else there
// that stays one (1.10, seen in source).
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
	d.send(d.buf, func(err error) {
		if d.app.data != d {
			return
		}
		d.sending = false
		d.buf = d.buf[:0]
		if err != nil {
			d.fail(err)
		}
		if d.closing {
			d.exit()
		}
	})
}

// fail begins null mode: what comes is dropped until the end of data mode.
func (d *dataMode) fail(err error) {
	if d.failed == nil {
		d.failed = err
		d.buf = d.buf[:0]
		d.plus = 0
	}
}

// broken is fail for a connection that has died: the host is told by a terminator
// (1.10, documented), unless it counts and will stop by itself (seen in source).
func (d *dataMode) broken(err error) {
	if d.failed != nil || d.closing {
		return
	}
	d.fail(err)
	if !d.counted {
		d.app.out = append(d.app.out, terminator...)
	}
}

// drop looks for the end in what is dropped.
func (d *dataMode) drop(p []byte) int {
	if d.counted {
		n := min(len(p), d.left)
		if d.left -= n; d.left == 0 {
			d.exit()
		}
		return n
	}
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
	if d.flush(); !d.sending && d.app.data == d {
		d.exit()
	}
}

// exit leaves data mode and tells how it went. What has happened meanwhile comes
// after that.
func (d *dataMode) exit() {
	a := d.app
	d.timer.Stop()
	a.data = nil
	a.lastInput = time.Time{}
	status := 0
	if d.failed != nil {
		status = a.dataModeStatus(d.failed)
		a.problem("data-mode", 0, "data mode ended with a failure: "+d.failed.Error())
	}
	a.urc(fmt.Appendf(nil, "#XDATAMODE: %d", status))
	if a.net != nil {
		for _, k := range a.net.open {
			k.watch()
			k.rearm(socket.PollIn) // events are looked at anew (seen in source)
		}
	}
	a.deliver()
}

// check looks at the socket: it hands over what has come, if automatic reception
// is on, and ends the sending when the connection has died.
func (d *dataMode) check() {
	if d.sock == nil || d.failed != nil {
		return
	}
	if k := d.sock; k.recv.flags&receiveInDataMode != 0 {
		data, _, err := k.nextReceived()
		for ; err == nil; data, _, err = k.nextReceived() {
			d.app.out = append(d.app.out, data...)
		}
		if !k.ended && k.Poll()&socket.PollIn != 0 {
			return // the host is slow, or more has just come: this is called again
		}
	}
	if ev := d.sock.Poll() & troubles; ev != 0 {
		d.broken(fmt.Errorf("the connection has ended (poll events %d)", ev))
	}
}

// shortestLimit is the shortest inactivity limit in milliseconds, which is the
// default too: the time in which a receive buffer of the UART fills, and a margin
// (1.10, seen in source).
func (a *App) shortestLimit() uint16 {
	return uint16(uartBuffer*10*1000/a.rate() + uartMargin)
}

// setDataControl is AT#XDATACTRL=<time_limit>, in milliseconds.
func (a *App) setDataControl(_ *atcmd.Response, cmd *atcmd.Command) error {
	v, err := number(cmd, 0, int64(a.shortestLimit()), 65535, "the inactivity limit in milliseconds")
	if err == nil {
		a.limit = uint16(v)
	}
	return err
}

func (a *App) readDataControl(w *atcmd.Response, _ *atcmd.Command) error {
	w.Printf("#XDATACTRL: %d,%d", a.limit, a.shortestLimit())
	return nil
}
