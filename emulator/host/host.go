package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator"
)

// A Host is firmware's end of a device in the same process, for programs that are
// functions. It needs no goroutine of its own: the device works while the host
// waits for it, so that an exchange costs what the modem costs and a power cut is
// noticed at once. It goes the whole way through the application's UART all the
// same. A Host is for one goroutine.
type Host struct {
	device *emulator.Device
	end    string // of a command
	next   func() (struct{}, bool)
	stop   func()
	detach func()
	port   hostPort
}

// ErrNoAnswer is what a command ends with that the device did not answer, as its
// power has gone or a command before it hangs.
var ErrNoAnswer = errors.New("the modem does not answer")

// answerTimeout is how long a Host waits for an answer that comes later. All that
// is not about the network is there at once.
const answerTimeout = 10 * time.Second

// Attach connects a host to a device, on or off.
func Attach(d *emulator.Device) *Host {
	h := &Host{device: d, end: d.Dialect().Framing.Terminator.Bytes()}
	h.port.more = make(chan struct{}, 1)
	h.next, h.stop = iter.Pull(func(yield func(struct{}) bool) {
		h.port.wait = yield
		_ = d.Serve(&h.port) // it ends with the host or with the device
		h.port.ended = true
	})
	forget := d.OnPowerLoss(h.port.signal)
	h.detach = func() { h.stop(); forget() }
	h.next() // until the device waits for input
	return h
}

// Detach takes the host away.
func (h *Host) Detach() { h.detach() }

// Device returns the device.
func (h *Host) Device() *emulator.Device { return h.device }

// Send hands bytes to the device and returns when it has taken them. What it
// answers is for Received.
func (h *Host) Send(p string) {
	h.port.in = append(h.port.in[:0], p...)
	h.next()
}

// Received returns what the device has sent since the last call or since Do was
// called last, its answer included.
func (h *Host) Received() string {
	text := string(h.port.peek())
	h.port.drop()
	return text
}

// Do sends a command, given without its terminator, and waits for the final
// result. What came before it, such as a banner, is dropped. A final result
// other than OK is no error; ErrNoAnswer is.
func (h *Host) Do(command string) (Answer, error) {
	h.port.drop()
	h.port.in = append(append(h.port.in[:0], command...), h.end...)
	h.next()
	var timeout *time.Timer
	for {
		text := h.port.peek()
		if a, ok := parseAnswer(text); ok {
			return a, nil
		}
		if h.port.ended || !h.device.On() {
			return Answer{}, fmt.Errorf("%w: it has no power", ErrNoAnswer)
		}
		if timeout == nil {
			timeout = time.NewTimer(answerTimeout)
			defer timeout.Stop()
		}
		select {
		case <-h.port.more:
		case <-timeout.C:
			return Answer{}, fmt.Errorf("%w: nothing came for %v after %.20q", ErrNoAnswer, answerTimeout, command)
		}
	}
}

// An Answer is what came back for a command.
type Answer struct {
	// Text is all that came before the final result. It is valid until the next
	// command.
	Text []byte
	// CME is the number of +CME ERROR, 0 if there is none.
	CME int
	// OK is whether the final result was OK.
	OK bool
}

// Lines returns the lines of Text that are not empty. A line feed in a content
// divides lines, too.
func (a Answer) Lines() []string {
	return strings.FieldsFunc(string(a.Text), func(r rune) bool { return r == '\r' || r == '\n' })
}

var cmeError = []byte("+CME ERROR: ")

// parseAnswer finds the final result, which is the last line; ok is false as long
// as it is not there.
func parseAnswer(text []byte) (a Answer, ok bool) {
	line, ended := bytes.CutSuffix(text, []byte("\r\n"))
	if !ended {
		return a, false
	}
	start := bytes.LastIndexByte(line, '\n') + 1
	a.Text, line = text[:start], line[start:]
	switch {
	case string(line) == "OK":
		a.OK = true
	case string(line) == "ERROR":
	case bytes.HasPrefix(line, cmeError):
		a.CME, _ = strconv.Atoi(string(line[len(cmeError):]))
	default:
		return a, false
	}
	return a, true
}

// hostPort is the device's end of the line to a Host. Read gives the goroutine
// back to the host until that sends something.
type hostPort struct {
	wait  func(struct{}) bool
	in    []byte
	ended bool
	more  chan struct{} // holds a token when out has grown or the power has gone

	mu  sync.Mutex // of out: timers of the device write, too
	out []byte
}

func (p *hostPort) Read(b []byte) (int, error) {
	for len(p.in) == 0 {
		if !p.wait(struct{}{}) {
			return 0, io.EOF
		}
	}
	n := copy(b, p.in)
	p.in = p.in[:copy(p.in, p.in[n:])]
	return n, nil
}

func (p *hostPort) Write(b []byte) (int, error) {
	p.mu.Lock()
	p.out = append(p.out, b...)
	p.mu.Unlock()
	p.signal()
	return len(b), nil
}

func (p *hostPort) signal() {
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// peek returns what has come. It is valid until drop.
func (p *hostPort) peek() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out[:len(p.out):len(p.out)]
}

func (p *hostPort) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = p.out[:0]
}

// Close does nothing: the host is ended by Detach.
func (p *hostPort) Close() error { return nil }

// Name names the port in the event record.
func (p *hostPort) Name() string { return "in process" }
