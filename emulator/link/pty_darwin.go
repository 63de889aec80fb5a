package link

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A PTY is a [Port] on a pseudo-terminal made by this process. Hosts open its
// other end by path, as they would a serial port, and may come and go.
//
// The line is raw from the start. There is no call here that tells whether a host
// has it open, so what is written waits in the kernel's buffer for the next host,
// and blocks when that is full, as with hardware flow control. Nobody has tried
// this on a Mac.
type PTY struct {
	path    string
	link    symlink
	master  int
	slave   int // held open, so that the master does not read the end between hosts
	users       // of the descriptors
	mark    mark
	heard   atomic.Bool // bytes have come
	writing sync.Mutex
}

// HasPTY says whether OpenPTY can work on this system.
const HasPTY = true

// OpenPTY makes a pty. Every one blocks a thread in Read.
func OpenPTY(opts PTYOptions) (*PTY, error) {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot make a pty: open /dev/ptmx: %w", err)
	}
	p := &PTY{master: master, slave: -1}
	p.begin(p.closeDescriptors)
	if err := p.setup(opts); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *PTY) setup(opts PTYOptions) error {
	var name [128]byte
	for _, request := range []uint{unix.TIOCPTYGRANT, unix.TIOCPTYUNLK} {
		if err := unix.IoctlSetInt(p.master, request, 0); err != nil {
			return fmt.Errorf("cannot unlock the pty: %w", err)
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(p.master), unix.TIOCPTYGNAME, uintptr(unsafe.Pointer(&name))); errno != 0 {
		return fmt.Errorf("cannot learn the name of the pty: %w", errno)
	}
	p.path, _ = cString(name[:])
	slave, err := unix.Open(p.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open the other end of the pty, %s: %w", p.path, err)
	}
	p.slave = slave
	t, err := unix.IoctlGetTermios(p.slave, getModes)
	if err == nil {
		raw := rawMode(*t)
		err = unix.IoctlSetTermios(p.slave, setModes, &raw)
	}
	if err != nil {
		return fmt.Errorf("cannot put %s into raw mode: %w", p.path, err)
	}
	if opts.Link != "" {
		p.link, err = makeSymlink(opts.Link, p.path)
	}
	return err
}

func cString(b []byte) (string, bool) {
	head, _, ok := bytes.Cut(b, []byte{0})
	return string(head), ok
}

// Name returns the path that a person opens: the symlink if there is one, else
// the pty itself.
func (p *PTY) Name() string {
	if p.link.path != "" {
		return p.link.path
	}
	return p.path
}

// Path returns the path of the pty itself.
func (p *PTY) Path() string { return p.path }

// Dedicated reports whether Read blocks a thread.
func (p *PTY) Dedicated() bool { return true }

// Opened reports whether a host has sent something at any time, which is all that
// can be known here.
func (p *PTY) Opened() bool { return p.heard.Load() }

// Read waits for bytes from a host. One goroutine may read at a time.
func (p *PTY) Read(b []byte) (int, error) {
	if !p.acquire() {
		return 0, io.EOF
	}
	defer p.release()
	for {
		p.mark.next()
		n, err := unix.Read(p.master, b)
		switch {
		case p.closing.Load():
			return 0, io.EOF
		case err == nil:
			if n = p.mark.cut(n, p.master); n == 0 && len(b) > 0 {
				continue
			}
			p.heard.Store(true)
			return n, nil
		case err != unix.EINTR:
			return 0, fmt.Errorf("read %s: %w", p.path, err)
		}
	}
}

// Write sends b to the host.
func (p *PTY) Write(b []byte) (int, error) {
	if !p.acquire() {
		return 0, fmt.Errorf("write %s: %w", p.path, os.ErrClosed)
	}
	defer p.release()
	p.writing.Lock()
	defer p.writing.Unlock()
	for done := 0; ; {
		n, err := unix.Write(p.master, b[done:])
		done += max(n, 0)
		switch {
		case done == len(b):
			return done, nil
		case p.closing.Load():
			return done, fmt.Errorf("write %s: %w", p.path, os.ErrClosed)
		case err != nil && err != unix.EINTR:
			return done, fmt.Errorf("write %s: %w", p.path, err)
		}
	}
}

// Close removes the symlink and ends the pty: hosts see a hangup.
func (p *PTY) Close() error {
	if !p.closing.CompareAndSwap(false, true) {
		return nil
	}
	err := p.link.remove()
	if p.slave >= 0 {
		// Wakes a blocked Read with a byte and a blocked Write with room.
		unix.IoctlSetInt(p.slave, unix.TIOCFLUSH, 0)
		unix.Write(p.slave, []byte{0})
	}
	p.release()
	return err
}

// restart starts the output of a host's end again, which a host may have stopped.
func restart(slave int) { unix.IoctlSetInt(slave, unix.TIOCSTART, 0) }

// withSlave calls fn with our own descriptor of the hosts' end.
func (p *PTY) withSlave(fn func(slave int) error) error { return fn(p.slave) }

// closeDescriptors is called when nobody uses them any more.
func (p *PTY) closeDescriptors() {
	if p.slave >= 0 {
		unix.Close(p.slave)
	}
	unix.Close(p.master)
}
