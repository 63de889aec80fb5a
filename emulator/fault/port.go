package fault

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"nrf91emu/emulator/link"
)

// A Port is a [link.Port] on which the faults of a [Set] happen.
type Port struct {
	port    link.Port
	set     *Set
	stopped chan struct{}
	stop    sync.Once

	// What is on its way to the device. Read has it to itself.
	in  []chunk
	err error // of the wrapped port, once in has been read

	writing sync.Mutex
	talk    talk // guarded by set.mu
}

var (
	_ link.Port     = (*Port)(nil)
	_ link.Attacher = (*Port)(nil)
	_ link.Dropper  = (*Port)(nil)
)

// Wrap lets the faults of a set happen on a port, which the returned port owns.
func Wrap(port link.Port, set *Set) *Port {
	return &Port{
		port: port, set: set, stopped: make(chan struct{}),
		talk: newTalk(set, set.device.Dialect()),
	}
}

// A chunk is bytes that go on together.
type chunk struct {
	wait time.Duration // before them
	do   []func()      // and this, then
	data []byte
}

// chunks is what goes one way.
type chunks []chunk

// add adds bytes; they go with the last ones if nothing is to happen before them.
func (c *chunks) add(wait time.Duration, data []byte) {
	if n := len(*c); n > 0 && wait == 0 {
		(*c)[n-1].data = append((*c)[n-1].data, data...)
		return
	}
	*c = append(*c, chunk{wait: wait, data: append([]byte(nil), data...)})
}

// Read reads what the host has sent, as far as it arrives.
func (p *Port) Read(b []byte) (int, error) {
	for {
		if n, err := p.next(b); n > 0 || err != nil {
			return n, err
		}
		n, err := p.port.Read(b)
		if !p.set.active.Load() || n == 0 {
			p.talk.in.count(b[:n])
			return n, err
		}
		p.in, p.err = p.receive(b[:n]), err
	}
}

// receive makes of bytes that the host has sent what the device gets.
func (p *Port) receive(b []byte) []chunk {
	// Asked before the lock is taken, so that the device is never called with it.
	d := p.set.device
	on, boot, busy := d.On(), d.Boot(), d.Busy()
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	if !busy {
		p.talk.pending = nil // the device reads on: all has been answered or never will be
	}
	return p.talk.toDevice(b, on, boot)
}

// next takes what is on its way to the device: waits, does, and returns bytes.
func (p *Port) next(b []byte) (int, error) {
	for len(p.in) > 0 {
		c := &p.in[0]
		if c.wait > 0 {
			if !p.sleep(c.wait) {
				return 0, io.EOF
			}
			c.wait = 0
		}
		for _, do := range c.do {
			do()
		}
		c.do = nil
		n := copy(b, c.data)
		if c.data = c.data[n:]; len(c.data) == 0 {
			p.in = p.in[1:]
		}
		if n > 0 {
			return n, nil
		}
	}
	err := p.err
	p.err = nil
	return 0, err
}

// Write sends what the device says, as far as it gets through. It returns when it
// has been sent, which may take as long as the faults say.
func (p *Port) Write(b []byte) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	boot := 0
	active := p.set.active.Load()
	if active {
		boot = p.set.device.Boot()
	}
	p.set.mu.Lock()
	if !active && len(p.talk.held) == 0 {
		p.talk.out.count(b)
		p.set.mu.Unlock()
		return p.port.Write(b)
	}
	out := p.talk.toHost(b, boot)
	p.set.mu.Unlock()
	for _, c := range out {
		if c.wait > 0 && !p.sleep(c.wait) {
			return 0, fmt.Errorf("write %s: %w", p.Name(), os.ErrClosed)
		}
		if len(c.data) == 0 {
			continue
		}
		if _, err := p.port.Write(c.data); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// sleep waits. It reports false when the port was closed instead.
func (p *Port) sleep(d time.Duration) bool { return sleep(d, p.stopped) }

func sleep(d time.Duration, stopped <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stopped:
		return false
	}
}

// Close closes the port.
func (p *Port) Close() error {
	var err error
	p.stop.Do(func() {
		close(p.stopped)
		err = p.port.Close()
	})
	return err
}

// Name returns the name of the wrapped port.
func (p *Port) Name() string { return p.port.Name() }

// Dedicated reports whether the wrapped port wants a thread of its own.
func (p *Port) Dedicated() bool {
	d, ok := p.port.(interface{ Dedicated() bool })
	return ok && d.Dedicated()
}

// Attached reports whether a host has the port open, true where that is not known.
func (p *Port) Attached() bool {
	a, ok := p.port.(link.Attacher)
	return !ok || a.Attached()
}

// Dropped returns how many bytes the wrapped port has discarded; those that a fault
// has lost are not among them.
func (p *Port) Dropped() uint64 {
	if d, ok := p.port.(link.Dropper); ok {
		return d.Dropped()
	}
	return 0
}
