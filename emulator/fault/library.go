package fault

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/libmodem"
)

// WrapLibrary lets the faults of a set happen at a library interface: those that count
// commands, final results or notifications, and those that count boots at the device. There is
// no line there, so faults of bytes and lines do not happen, and no notification
// comes inside an answer: one that was to comes before it.
func WrapLibrary(l net.Listener, set *Set) net.Listener { return &library{l, set} }

type library struct {
	net.Listener
	set *Set
}

func (l *library) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &libraryConn{Conn: c, set: l.set, stopped: make(chan struct{})}, nil
}

// libraryBuffer is how much is read from a program at a time, in bytes.
const libraryBuffer = 64 << 10

// libraryConn is the connection of a program.
type libraryConn struct {
	net.Conn
	set     *Set
	stopped chan struct{}
	stop    sync.Once

	// What has come from the program. Read has it to itself.
	in    []byte
	buf   []byte // room for it
	ready int    // bytes of in that may go on
	err   error

	writing sync.Mutex
	held    []byte // notifications that come later

	mu   sync.Mutex
	name string // of the command in hand, in words
}

// Read reads what the program asks for, a frame at a time as long as a fault may happen: the
// device has dealt with what came before a command then.
func (c *libraryConn) Read(b []byte) (int, error) {
	for {
		if c.ready > 0 {
			n := copy(b, c.in[:c.ready])
			c.in, c.ready = c.in[n:], c.ready-n
			return n, nil
		}
		if c.ready = c.pass(); c.ready > 0 {
			continue
		}
		if err := c.err; err != nil {
			c.err, c.ready = nil, len(c.in)
			if c.ready > 0 { // the beginning of a frame that does not come
				c.err = err
				continue
			}
			return 0, err
		}
		c.makeRoom()
		n, err := c.Conn.Read(c.in[len(c.in):cap(c.in)])
		c.in, c.err = c.in[:len(c.in)+n], err
	}
}

// makeRoom sees to it that more can be read.
func (c *libraryConn) makeRoom() {
	if c.buf == nil {
		c.buf = make([]byte, libraryBuffer)
	}
	switch {
	case len(c.in) < libraryBuffer/2:
		c.in = c.buf[:copy(c.buf, c.in)]
	case cap(c.in)-len(c.in) < libraryBuffer/2: // a frame that is longer
		c.in = append(make([]byte, 0, libraryBuffer+2*len(c.in)), c.in...)
	}
}

// pass says how much of what has come may go on: whole frames, up to a command at which
// something may happen, or that command.
func (c *libraryConn) pass() (n int) {
	active := c.set.active.Load()
	for {
		typ, payload, size := libmodem.CutFrame(c.in[n:])
		switch {
		case size == 0:
			return n
		case typ != libmodem.TypeAT || !active:
			n += size
		case n > 0:
			return n
		default:
			c.command(payload)
			return size
		}
	}
}

// command does what faults do before a command.
func (c *libraryConn) command(payload []byte) {
	d := c.set.device
	if !d.On() {
		return
	}
	name := ""
	var cmd atcmd.Command
	if cmd.Parse(payload) == nil {
		name = " of AT" + string(cmd.Name)
	}
	c.mu.Lock()
	c.name = name
	c.mu.Unlock()
	m := moment{boot: d.Boot()}
	where := func() string { return name }
	c.set.mu.Lock()
	deeds := append(c.set.meet(EachBoot, ToDevice, &m, where), c.set.meet(EachCommand, ToDevice, &m, where)...)
	c.set.mu.Unlock()
	for _, do := range deeds {
		do()
	}
}

// Write sends whole frames.
func (c *libraryConn) Write(b []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if !c.set.active.Load() && len(c.held) == 0 {
		return c.Conn.Write(b)
	}
	for rest := b; len(rest) > 0; {
		typ, payload, size := libmodem.CutFrame(rest)
		if size == 0 {
			size = len(rest)
		}
		wait, out := c.toProgram(typ, payload, rest[:size])
		rest = rest[size:]
		if wait > 0 && !sleep(wait, c.stopped) {
			return 0, fmt.Errorf("write: %w", os.ErrClosed)
		}
		if _, err := c.Conn.Write(out); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// toProgram makes of a frame what the program gets, and when.
func (c *libraryConn) toProgram(typ uint8, payload, frame []byte) (wait time.Duration, out []byte) {
	m := moment{copies: 1, layout: func(line string) []byte { return libmodem.AppendNotification(nil, line) }}
	switch typ {
	case libmodem.TypeAT:
		c.mu.Lock()
		name := c.name
		c.mu.Unlock()
		c.set.mu.Lock()
		where := func() string { return name }
		c.set.meet(EachAnswer, ToHost, &m, where)
		c.set.meet(EachResult, ToHost, &m, where)
		c.set.mu.Unlock()
		out = bytes.Join([][]byte{m.before, m.after, frame, c.held}, nil)
		c.held = nil
	case libmodem.TypeNotification:
		c.set.mu.Lock()
		c.set.meet(EachNotification, ToHost, &m, func() string {
			name, _, _ := strings.Cut(strings.TrimSpace(string(payload)), ":")
			return name
		})
		c.set.mu.Unlock()
		out = bytes.Repeat(frame, m.copies)
		if m.hold && len(c.held)+len(out) <= maxHeld {
			c.held, out = append(c.held, out...), nil
		}
	default:
		return 0, frame
	}
	return m.wait, out
}

// Close closes the connection, also for who waits.
func (c *libraryConn) Close() error {
	c.stop.Do(func() { close(c.stopped) })
	return c.Conn.Close()
}
