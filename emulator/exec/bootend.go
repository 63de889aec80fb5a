package exec

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator/event"
)

// DefaultIdle is how long a program at the library interface may be idle before its
// boot ends: firmware goes on after its main function has returned.
const DefaultIdle = 2 * time.Second

// A BootEnd says when the boot of a program ends that does not end by itself. What
// comes first counts. The zero value is DefaultIdle for a program at the library
// interface, and for others that they end by themselves.
type BootEnd struct {
	// Online ends it at the OK of the first AT+CFUN=1 or AT+CFUN=21, of each device.
	Online bool
	// After ends it after some time.
	After time.Duration
	// Text ends it at a line with this text, of the console or of what the program
	// prints.
	Text string
	// Idle ends it when no command, no byte of a socket and no line of the console
	// has come for some time.
	Idle time.Duration
}

func (b BootEnd) idle() time.Duration {
	if b.Idle == 0 && b == (BootEnd{}) {
		return DefaultIdle
	}
	return b.Idle
}

// bootWatch finds out when the boot of a program ends. It listens to the record.
type bootWatch struct {
	end      BootEnd
	devices  int
	attended bool        // somebody is there who ends the boot
	busy     func() bool // the program waits for something that ends by itself

	mu       sync.Mutex
	ended    chan struct{} // closed when the boot is to end; nil between boots
	done     bool
	attached bool
	online   map[int]int // number of the exchange that takes a device online, by that of the device; 0: it is
	idle     *time.Timer
	line     []byte // of the output, without its end
}

// begin begins a boot.
func (w *bootWatch) begin() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended, w.done, w.attached, w.online, w.line = make(chan struct{}), false, false, map[int]int{}, nil
	return w.ended
}

// stop ends what waits of a boot.
func (w *bootWatch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = true
	if w.idle != nil {
		w.idle.Stop()
		w.idle = nil
	}
}

// finish has the boot end. The caller holds the lock.
func (w *bootWatch) finish() {
	if !w.done && w.ended != nil {
		w.done = true
		close(w.ended)
	}
}

// add listens to the record of a device.
func (w *bootWatch) add(device int, e *event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended == nil || w.done {
		return
	}
	switch {
	case e.Program != nil:
		if e.Program.Action == event.ProgramStart {
			w.attached = true
		}
	case e.Command != nil:
		if w.end.Online && goesOnline(e.Command) {
			w.online[device] = e.Command.ID
		}
	case e.Response != nil:
		if id := w.online[device]; id != 0 && e.Response.ID == id {
			if w.online[device] = 0; e.Response.Error {
				delete(w.online, device)
			}
			if w.allOnline() {
				w.finish()
			}
		}
	case e.Socket != nil && (e.Socket.Op == event.SocketSend || e.Socket.Op == event.SocketReceive || e.Socket.Op == event.SocketConnect):
	case e.Console != nil:
		if w.end.Text != "" && strings.Contains(e.Console.Text, w.end.Text) {
			w.finish()
		}
	default:
		return
	}
	w.active()
}

// allOnline reports whether all devices have gone online.
func (w *bootWatch) allOnline() bool {
	n := 0
	for _, pending := range w.online {
		if pending == 0 {
			n++
		}
	}
	return n == w.devices
}

func goesOnline(c *event.Command) bool {
	if c.Name != "+CFUN" || c.Form != "set" {
		return false
	}
	_, mode, _ := strings.Cut(c.Text, "=")
	mode = strings.TrimSpace(mode)
	return mode == "1" || mode == "21"
}

// active notes that the program has done something. The caller holds the lock.
func (w *bootWatch) active() {
	d := w.end.idle()
	if w.attended {
		d = w.end.Idle
	}
	if d == 0 || !w.attached && w.end.Idle == 0 {
		return
	}
	if w.idle == nil {
		w.idle = time.AfterFunc(d, w.quiet)
		return
	}
	w.idle.Reset(d)
}

// quiet is called when the program has done nothing for a while.
func (w *bootWatch) quiet() {
	busy := w.busy() // asked before the lock is taken: the device calls add with its own
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.idle == nil || w.done {
		return
	}
	if busy {
		w.idle.Reset(w.end.idle())
		return
	}
	w.finish()
}

// maxOutputLine bounds a line of output in which the text is looked for.
const maxOutputLine = 64 << 10

// output returns a writer that passes everything on and looks for the text.
func (w *bootWatch) output(to io.Writer) io.Writer {
	if w.end.Text == "" {
		return to
	}
	if to == nil {
		to = io.Discard
	}
	return outputWatch{w, to}
}

type outputWatch struct {
	watch *bootWatch
	to    io.Writer
}

func (o outputWatch) Write(p []byte) (int, error) {
	w := o.watch
	w.mu.Lock()
	w.line = append(w.line, p...)
	if bytes.Contains(w.line, []byte(w.end.Text)) {
		w.finish()
	}
	if i := bytes.LastIndexByte(w.line, '\n'); i >= 0 || len(w.line) > maxOutputLine {
		w.line = append(w.line[:0], w.line[i+1:]...)
	}
	if len(w.line) > maxOutputLine {
		w.line = w.line[:0]
	}
	w.mu.Unlock()
	return o.to.Write(p)
}
