package emulator

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
)

// outboxLimit bounds what waits for a port whose host does not read, in bytes.
// The device stops reading commands long before; only notifications can come to
// it.
const outboxLimit = 64 << 10

// An outbox is what a port has still to send. Writing to a port may block while
// the host does not read; the device must not.
type outbox struct {
	port    link.Port
	mu      sync.Mutex
	waiting []byte
	spare   []byte
	writing bool
	held    bool // somebody waits for less to be waiting, see congested
	drained sync.Cond
}

func newOutbox(port link.Port) *outbox {
	o := &outbox{port: port}
	o.drained.L = &o.mu
	return o
}

// add takes a copy of p and returns how many bytes were too many.
func (o *outbox) add(p []byte) (lost int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) > 0 && len(o.waiting)+len(p) > outboxLimit {
		return len(p)
	}
	o.waiting = append(o.waiting, p...)
	return 0
}

// congested reports whether n more bytes would be too many for a host that is
// slow. If so, the next flush that ends says that they can come.
func (o *outbox) congested(n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting)+n <= congestion {
		return false
	}
	o.held = true
	return true
}

// pending reports whether there is something to flush.
func (o *outbox) pending() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return (len(o.waiting) > 0 || o.held) && !o.writing
}

// flush writes what waits, unless another goroutine does so already; that one
// takes along what has come since. It reports whether congested had said yes.
func (o *outbox) flush() (held bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writing {
		return false
	}
	o.writing = true
	for len(o.waiting) > 0 {
		p := o.waiting
		o.waiting = o.spare[:0]
		o.mu.Unlock()
		_, err := o.port.Write(p)
		o.mu.Lock()
		if o.spare = p; cap(p) > 4096 {
			o.spare = nil // a long answer's memory is not kept
		}
		if err != nil {
			o.waiting = nil // the reader of the port learns what is wrong
		}
	}
	o.writing = false
	o.drained.Broadcast()
	held, o.held = o.held, false
	return held
}

// wait returns when nothing is left to be written.
func (o *outbox) wait() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.writing {
		o.drained.Wait()
	}
}

// dedicated is a port that wants a thread of its own.
type dedicated interface{ Dedicated() bool }

// Serve runs the device on a port until the port or the device is closed, and
// closes the port. Several ports may be served at once: they are one UART, on
// which everybody sees all that the device sends, and what hosts send is taken in
// the order of arrival.
//
// It returns nil when the port has ended in the usual way.
func (d *Device) Serve(port link.Port) error {
	if p, ok := port.(dedicated); ok && p.Dedicated() {
		// Blocking system calls are quickest from a thread that does nothing
		// else.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	defer port.Close()
	out := newOutbox(port)
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return ErrClosed
	}
	d.ports = append(d.ports, out)
	d.cfg.Log.Add(event.Event{Link: &event.Link{Action: event.LinkOpen, Name: port.Name()}})
	d.mu.Unlock()
	defer d.remove(out)
	d.run(func() {}) // what was said before there was a port, such as a banner

	buf := make([]byte, readSize)
	for {
		n, err := port.Read(buf)
		if n > 0 {
			d.receive(buf[:n], out)
		}
		if n == len(buf) && n < maxReadSize {
			buf = make([]byte, maxReadSize)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return d.finish(out)
		default:
			return err
		}
	}
}

// readSize is how much one read of a port takes: little, as thousands of devices
// may wait in a read. One that gets that much at a time gets more: a pty has no
// more than maxReadSize.
const (
	readSize    = 256
	maxReadSize = 4096
)

// receive hands bytes to the application. It returns when all have been used and
// the host has taken the answers: that is what holds back a host that sends and
// does not read.
func (d *Device) receive(p []byte, out *outbox) {
	for len(p) > 0 {
		d.mu.Lock()
		for d.on && d.app.Blocked() && !d.app.Dialect().LoseInput {
			d.idle.Wait()
		}
		if !d.on {
			d.mu.Unlock()
			return // nobody listens on a UART without power
		}
		p = p[d.app.Receive(p):]
		d.collect()
		shared := len(d.ports) > 1
		d.mu.Unlock()
		if shared {
			d.run(func() {})
		} else {
			d.flush(out)
		}
		d.cfg.Log.Settle() // while the host reads
	}
	out.wait()
}

// FinishTimeout is how long Serve waits, once a host's input has ended, for the
// answer to its last command: longer than any search, and not for ever.
const FinishTimeout = 3 * time.Minute

// finish waits, after the last input, for the answer to the last command.
func (d *Device) finish(out *outbox) error {
	var err error
	timer := time.AfterFunc(FinishTimeout, func() {
		d.mu.Lock()
		err = fmt.Errorf("the input has ended, and the last command has had no answer for %v: it waits for something that does not come", FinishTimeout)
		d.mu.Unlock()
		d.idle.Broadcast()
	})
	defer timer.Stop()
	d.mu.Lock()
	for d.on && d.app.Busy() && err == nil {
		d.idle.Wait()
	}
	late := err
	d.mu.Unlock()
	d.flush(out)
	out.wait()
	return late
}

func (d *Device) remove(out *outbox) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.ports {
		if d.ports[i] == out {
			d.ports = append(d.ports[:i:i], d.ports[i+1:]...)
			break
		}
	}
	d.cfg.Log.Add(event.Event{Link: &event.Link{Action: event.LinkClose, Name: out.port.Name()}})
}
