package link

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// A Stdio is a [Port] on which a person types AT commands, or a script pipes
// them in. The terminal stays in its usual mode, so that lines can be edited and
// are echoed, which the modem does not do.
//
// The end of a line becomes the terminator that the modem expects; inside quotes
// a line feed stays one, so that a PEM can be pasted. A last line without an
// end gets its terminator too. The end of input (Ctrl-D) is the end of the port.
type Stdio struct {
	in         io.Reader
	out        io.Writer
	terminator string
	wait       waiter // for input, so that Close can interrupt it
	closing    atomic.Bool
	closed     sync.Once
	reading    sync.Mutex

	pending []byte // translated, not yet returned by Read; guarded by reading
	raw     [1024]byte
	quoted  bool // inside quotes
	last    byte // last byte of the input
	ended   bool // the input has ended
}

var _ Port = (*Stdio)(nil)

// NewStdio makes a port of in and out. The terminator is what ends a command
// line of the application in front of the modem, "\r" if empty. If in is an
// *os.File, Close interrupts a Read that waits for it; with other readers, and on
// Windows, Read notices Close only when in returns.
func NewStdio(in io.Reader, out io.Writer, terminator string) (*Stdio, error) {
	if terminator == "" {
		terminator = "\r"
	}
	s := &Stdio{in: in, out: out, terminator: terminator}
	if f, ok := in.(*os.File); ok {
		var err error
		if s.wait, err = newWaiter(f); err != nil {
			return nil, fmt.Errorf("cannot use standard input: %w", err)
		}
	}
	return s, nil
}

// Name returns "stdio".
func (s *Stdio) Name() string { return "stdio" }

// Read returns what was typed.
func (s *Stdio) Read(b []byte) (int, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	for len(s.pending) == 0 {
		if s.ended || s.closing.Load() {
			return 0, io.EOF
		}
		n, err := s.readRaw()
		s.translate(s.raw[:n])
		switch {
		case errors.Is(err, io.EOF):
			s.ended = true
			if s.last != 0 && s.last != '\n' && s.last != '\r' {
				s.pending = append(s.pending, s.terminator...)
			}
		case err != nil && !errors.Is(err, syscall.EINTR):
			return 0, fmt.Errorf("read standard input: %w", err)
		}
	}
	n := copy(b, s.pending)
	s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	return n, nil
}

// readRaw reads from in, or returns io.EOF when the port is closed meanwhile.
func (s *Stdio) readRaw() (int, error) {
	if err := s.wait.input(); err != nil {
		return 0, err
	}
	if s.closing.Load() {
		return 0, io.EOF
	}
	return s.in.Read(s.raw[:])
}

// translate appends what b means to pending.
func (s *Stdio) translate(b []byte) {
	for _, c := range b {
		switch {
		case c == '"':
			s.quoted = !s.quoted
			s.pending = append(s.pending, c)
		case c == '\n' && s.last == '\r' && !s.quoted:
			// The CR before it has ended the line already.
		case (c == '\n' || c == '\r') && !s.quoted:
			s.pending = append(s.pending, s.terminator...)
		default:
			s.pending = append(s.pending, c)
		}
		s.last = c
	}
}

// Write prints what the modem sends, as it is.
func (s *Stdio) Write(b []byte) (int, error) {
	if s.closing.Load() {
		return 0, fmt.Errorf("write standard output: %w", os.ErrClosed)
	}
	n, err := s.out.Write(b)
	if err != nil {
		return n, fmt.Errorf("write standard output: %w", err)
	}
	return n, nil
}

// Close ends the port. It leaves in and out open.
func (s *Stdio) Close() error {
	s.closing.Store(true)
	s.closed.Do(func() { s.wait.close(&s.reading) })
	return nil
}
