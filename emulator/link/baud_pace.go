package link

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// receiverSize is what the receiver of Serial Modem holds, 3 buffers of 256
// bytes (fact serial-modem/receiver).
const receiverSize = 3 * 256

// bitsPerByte is what a byte costs on a line: a start bit, 8 data bits, no
// parity, a stop bit.
const bitsPerByte = 10

// maxBaud is more than any UART has.
const maxBaud = 100_000_000

// paceSlice is how long bytes are collected before they are passed on together,
// when they come in a row.
const paceSlice = time.Millisecond

// PaceOptions are the choices in pacing a port.
type PaceOptions struct {
	Baud int // bits per second, DefaultBaud if 0

	// FlowControl is RTS/CTS: the host waits while the receiver's buffer is
	// full. Without it the bytes that arrive then are lost, and counted.
	FlowControl bool
}

// A Paced is a [Port] that takes the time of a UART line for each byte in both
// directions, 10 bits per byte, and has the small receive buffer of a UART: 768
// bytes, of which the device has to keep track.
type Paced struct {
	port Port
	flow bool
	baud atomic.Int64
	lost atomic.Uint64

	in      *stream // what has arrived
	stopped chan struct{}
	stop    sync.Once
	err     error // why the reading of port has ended; set before in is shut

	writing sync.Mutex
	idle    time.Time // when the line to the host is free again; guarded by writing
}

var (
	_ Port     = (*Paced)(nil)
	_ Attacher = (*Paced)(nil)
	_ Dropper  = (*Paced)(nil)
)

// Pace gives port the speed of a UART. It starts a goroutine that ends after
// Close. The returned port owns port.
func Pace(port Port, opts PaceOptions) (*Paced, error) {
	p := &Paced{port: port, flow: opts.FlowControl, in: newStream(), stopped: make(chan struct{})}
	p.in.size = receiverSize
	if opts.Baud == 0 {
		opts.Baud = DefaultBaud
	}
	if err := p.SetBaud(opts.Baud); err != nil {
		return nil, err
	}
	go p.receive()
	return p, nil
}

// SetBaud changes the speed, in bits per second, for bytes to come.
func (p *Paced) SetBaud(baud int) error {
	if baud <= 0 || baud > maxBaud {
		return fmt.Errorf("%d is not a baud rate; give a number from 1 to %d, such as %d", baud, maxBaud, DefaultBaud)
	}
	p.baud.Store(int64(baud))
	return nil
}

// duration is how long n bytes take.
func (p *Paced) duration(n int) time.Duration {
	return time.Duration(n) * bitsPerByte * time.Second / time.Duration(p.baud.Load())
}

// slice is how many of n bytes to pass on together.
func (p *Paced) slice(n int) int {
	return min(n, max(1, int(paceSlice/p.duration(1))))
}

// sleep waits until t. It reports false when the port was closed instead.
func (p *Paced) sleep(t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.stopped:
		return false
	}
}

// receive is the line from the host.
func (p *Paced) receive() {
	defer p.in.shut(false)
	buf := make([]byte, 1024)
	var idle time.Time // when the line is free again
	for {
		n, err := p.port.Read(buf)
		if err != nil {
			p.err = err
			return
		}
		if now := time.Now(); idle.Before(now) {
			idle = now
		}
		for b := buf[:n]; len(b) > 0; {
			k := p.slice(len(b))
			idle = idle.Add(p.duration(k))
			if !p.sleep(idle) {
				return
			}
			if p.flow {
				if _, err := p.in.write(b[:k]); err != nil {
					return
				}
			} else {
				p.lost.Add(uint64(k - p.in.offer(b[:k])))
			}
			b = b[k:]
			if now := time.Now(); p.flow && idle.Before(now) {
				idle = now // the host waited
			}
		}
	}
}

// Read waits for bytes that have arrived.
func (p *Paced) Read(b []byte) (int, error) {
	n, err := p.in.read(b)
	if err != nil {
		select {
		case <-p.stopped:
		default:
			err = p.err // the stream has ended, and so has receive
		}
	}
	return n, err
}

// Write sends b and returns when it has been sent.
func (p *Paced) Write(b []byte) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if now := time.Now(); p.idle.Before(now) {
		p.idle = now
	}
	done := 0
	for done < len(b) {
		k := p.slice(len(b) - done)
		p.idle = p.idle.Add(p.duration(k))
		if !p.sleep(p.idle) {
			return done, fmt.Errorf("write %s: %w", p.Name(), os.ErrClosed)
		}
		n, err := p.port.Write(b[done : done+k])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Close closes the port and what it paces.
func (p *Paced) Close() error {
	var err error
	p.stop.Do(func() {
		close(p.stopped)
		p.in.shut(true)
		err = p.port.Close()
	})
	return err
}

// Name returns the name of the paced port.
func (p *Paced) Name() string { return p.port.Name() }

// Attached reports whether a host has the port open, true where that is not
// known.
func (p *Paced) Attached() bool {
	if a, ok := p.port.(Attacher); ok {
		return a.Attached()
	}
	return true
}

// Dropped returns how many bytes were lost because the receiver's buffer was
// full, and what the paced port dropped.
func (p *Paced) Dropped() uint64 {
	n := p.lost.Load()
	if d, ok := p.port.(Dropper); ok {
		n += d.Dropped()
	}
	return n
}
