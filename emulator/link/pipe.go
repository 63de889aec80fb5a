package link

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeSize is how many bytes a pipe holds in each direction before the writer
// waits for the reader.
const pipeSize = 64 << 10

// Pipe makes a UART inside the process: the device's end, and the host's end as
// a net.Conn with deadlines. Each direction holds up to 64 kB. It has no
// goroutine, and all its waiting is durable in the sense of testing/synctest.
//
// When either end is closed, the other reads what is left and then io.EOF, and
// its writes fail.
func Pipe() (device Port, host net.Conn) {
	toDevice, toHost := newStream(), newStream()
	return &pipePort{pipeEnd{in: toDevice, out: toHost}}, &pipeEnd{in: toHost, out: toDevice}
}

// A pipeEnd is one end of a pipe.
type pipeEnd struct {
	in, out *stream
}

type pipePort struct{ pipeEnd }

var (
	_ Port    = (*pipePort)(nil)
	_ Drainer = (*pipePort)(nil)
)

func (p *pipeEnd) Read(b []byte) (int, error)  { return p.in.read(b) }
func (p *pipeEnd) Write(b []byte) (int, error) { return p.out.write(b) }

// Close ends both directions.
func (p *pipeEnd) Close() error {
	p.in.shut(true)
	p.out.shut(false)
	return nil
}

// Drain waits until what the host has written was read and used.
func (p *pipePort) Drain(ctx context.Context) error { return p.in.drain(ctx) }

// Name returns "pipe".
func (p *pipeEnd) Name() string { return "pipe" }

func (p *pipeEnd) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

func (p *pipeEnd) SetDeadline(t time.Time) error {
	p.SetReadDeadline(t)
	return p.SetWriteDeadline(t)
}

func (p *pipeEnd) SetReadDeadline(t time.Time) error {
	p.in.setDeadline(&p.in.reading, t)
	return nil
}

func (p *pipeEnd) SetWriteDeadline(t time.Time) error {
	p.out.setDeadline(&p.out.writing, t)
	return nil
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// A stream is a bounded queue of bytes with one reading and one writing end.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	size    int    // most that it holds
	buf     []byte // queued bytes are buf[off:]
	off     int

	readerGone, writerGone bool
	waits                  bool // the reader has used all that it was given, and waits for more
	reading, writing       deadline
}

// A deadline is a moment, and the timer that wakes those who wait for it.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func newStream() *stream {
	s := &stream{size: pipeSize}
	s.changed.L = &s.mu
	return s
}

func (s *stream) setDeadline(d *deadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = t
	if !t.IsZero() && !d.passed() {
		d.timer = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
}

func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readerGone:
			return 0, io.EOF
		case s.reading.passed():
			return 0, fmt.Errorf("read pipe: %w", os.ErrDeadlineExceeded)
		case len(b) == 0:
			return 0, nil
		case s.off < len(s.buf):
			n := copy(b, s.buf[s.off:])
			if s.off += n; s.off == len(s.buf) {
				s.buf, s.off = s.buf[:0], 0
			}
			s.changed.Broadcast()
			return n, nil
		case s.writerGone:
			return 0, io.EOF
		}
		s.waits = true
		s.changed.Broadcast()
		for s.off == len(s.buf) && !s.readerGone && !s.writerGone && !s.reading.passed() {
			s.changed.Wait()
		}
		s.waits = false
	}
}

// drain returns when the reader has used all that was written, and waits for more.
func (s *stream) drain(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.off < len(s.buf) || !s.waits {
		if err := context.Cause(ctx); err != nil || s.readerGone {
			return cmp.Or(err, io.EOF)
		}
		s.changed.Wait()
	}
	return nil
}

func (s *stream) write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := 0
	for {
		switch {
		case s.writerGone:
			return done, fmt.Errorf("write pipe: %w", os.ErrClosed)
		case s.readerGone:
			return done, fmt.Errorf("write pipe: %w", io.ErrClosedPipe)
		case s.writing.passed():
			return done, fmt.Errorf("write pipe: %w", os.ErrDeadlineExceeded)
		case done == len(b):
			return done, nil
		}
		if n := s.put(b[done:]); n > 0 {
			done += n
			continue
		}
		s.changed.Wait()
	}
}

// put queues as much of b as there is room for. The caller holds mu.
func (s *stream) put(b []byte) int {
	n := min(len(b), s.size-(len(s.buf)-s.off))
	if n <= 0 {
		return 0
	}
	if s.off > len(s.buf)/2 && len(s.buf)+n > cap(s.buf) {
		s.buf, s.off = s.buf[:copy(s.buf, s.buf[s.off:])], 0
	}
	s.buf = append(s.buf, b[:n]...)
	s.changed.Broadcast()
	return n
}

// offer queues as much of b as there is room for, and returns how much.
func (s *stream) offer(b []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readerGone || s.writerGone {
		return 0
	}
	return s.put(b)
}

// clear discards what is queued.
func (s *stream) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf, s.off = s.buf[:0], 0
	s.changed.Broadcast()
}

// shut marks the reading or the writing end as closed.
func (s *stream) shut(reader bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reader {
		s.readerGone, s.buf, s.off = true, nil, 0
	} else {
		s.writerGone = true
	}
	for _, d := range [...]*deadline{&s.reading, &s.writing} {
		if d.timer != nil {
			d.timer.Stop()
		}
	}
	s.changed.Broadcast()
}
