package link

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// ptyChunk is the most that one write(2) on a pty carries, and what is kept for
// the first host before it opens the port. It is the size of the input buffer of
// a Linux tty, so a write of this size never blocks on a queue that was just
// flushed.
const ptyChunk = 4096

// lookInterval is how often at most a modem that talks to nobody looks for a
// host that it has missed.
const lookInterval = 100 * time.Millisecond

// A PTY is a [Port] on a pseudo-terminal made by this process. Hosts open its
// other end by path, as they would a serial port, and may come and go.
//
// The line is raw from the start. What is written before the first host opens
// the port waits for it in the kernel's buffer, up to 4 kB. Once a host has come
// and gone, what is written while nobody is attached is discarded, as it is on a
// UART with nothing connected, so that the next host does not read stale bytes.
// When the last host closes, what it left unread is flushed, raw mode is
// restored and exclusive mode (TIOCEXCL), which a killed host leaves behind, is
// cleared. What a host sent before it closed is kept: the modem still reads it.
type PTY struct {
	path      string
	link      symlink
	dedicated bool
	watch     *watcher
	wd        int32 // of watch

	master int
	file   *os.File // the master in Go's poller, nil if dedicated
	raw    unix.Termios

	users // of the descriptors
	mark  mark

	attached atomic.Bool // a host has the port open, as far as is known
	ever     atomic.Bool // a host has had the port open
	heard    atomic.Bool // bytes came although no host was attached
	dropped  atomic.Uint64

	// writing serialises writes, and flushes with writes. It is taken before
	// holding.
	writing sync.Mutex
	kept    int       // bytes waiting for the first host; guarded by writing
	looked  time.Time // when unattached looked for a host; guarded by writing

	// holding guards slave, our own descriptor of the hosts' end, and the
	// moments when it is not there.
	holding sync.Mutex
	slave   int
}

var (
	_ Port     = (*PTY)(nil)
	_ Attacher = (*PTY)(nil)
	_ Dropper  = (*PTY)(nil)
	_ Drainer  = (*PTY)(nil)
)

// HasPTY says whether OpenPTY can work on this system.
const HasPTY = true

// OpenPTY makes a pty.
func OpenPTY(opts PTYOptions) (*PTY, error) {
	flags := unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	if !opts.Dedicated {
		flags |= unix.O_NONBLOCK
	}
	master, err := unix.Open("/dev/ptmx", flags, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot make a pty: open /dev/ptmx: %w (the system's limit is in /proc/sys/kernel/pty/max)", err)
	}
	p := &PTY{dedicated: opts.Dedicated, master: master, slave: -1}
	p.begin(p.closeDescriptors)
	if err := p.setup(opts); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *PTY) setup(opts PTYOptions) error {
	if err := unix.IoctlSetPointerInt(p.master, unix.TIOCSPTLCK, 0); err != nil {
		return fmt.Errorf("cannot unlock the pty: %w", err)
	}
	n, err := unix.IoctlGetInt(p.master, unix.TIOCGPTN)
	if err != nil {
		return fmt.Errorf("cannot learn the number of the pty: %w", err)
	}
	p.path = "/dev/pts/" + strconv.Itoa(n)
	if !p.dedicated {
		p.file = os.NewFile(uintptr(p.master), p.path)
	}
	if p.slave, err = openPeer(p.master); err != nil {
		p.slave = -1
		return fmt.Errorf("cannot open the other end of the pty, %s: %w", p.path, err)
	}
	// Modes set through the master are those of the other end.
	t, err := unix.IoctlGetTermios(p.master, getModes)
	if err != nil {
		return fmt.Errorf("cannot read the modes of %s: %w", p.path, err)
	}
	p.raw = rawMode(*t)
	if err := unix.IoctlSetTermios(p.master, setModes, &p.raw); err != nil {
		return fmt.Errorf("cannot put %s into raw mode: %w", p.path, err)
	}
	// Our own open came before the watch and is not counted as a host.
	if err := watch(p); err != nil {
		return err
	}
	if opts.Link != "" {
		if p.link, err = makeSymlink(opts.Link, p.path); err != nil {
			return err
		}
	}
	return nil
}

// openPeer opens the other end of the pty. Non-blocking concerns our descriptor
// alone, not those of the hosts.
func openPeer(master int) (int, error) {
	for {
		fd, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCGPTPEER,
			unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR:
		default:
			return -1, errno
		}
	}
}

// Name returns the path that a person opens: the symlink if there is one, else
// the pty itself.
func (p *PTY) Name() string {
	if p.link.path != "" {
		return p.link.path
	}
	return p.path
}

// Path returns the path of the pty itself, "/dev/pts/N".
func (p *PTY) Path() string { return p.path }

// Dedicated reports whether Read blocks a thread; see [PTYOptions].
func (p *PTY) Dedicated() bool { return p.dedicated }

// Attached reports whether a host has the port open.
func (p *PTY) Attached() bool {
	if p.closing.Load() {
		return false
	}
	p.watch.sync()
	return p.attached.Load()
}

// Opened reports whether a host has opened the port at any time.
func (p *PTY) Opened() bool {
	if !p.closing.Load() {
		p.watch.sync()
	}
	return p.ever.Load() || p.heard.Load()
}

// Dropped returns how many bytes were discarded because no host was there.
func (p *PTY) Dropped() uint64 { return p.dropped.Load() }

// Read waits for bytes from a host. One goroutine may read at a time.
func (p *PTY) Read(b []byte) (int, error) {
	if !p.acquire() {
		return 0, io.EOF
	}
	defer p.release()
	for {
		p.mark.next()
		n, err := p.readOnce(b)
		switch {
		case p.closing.Load():
			return 0, io.EOF
		case n > 0 || len(b) == 0:
			if n = p.mark.cut(n, p.master); n == 0 && len(b) > 0 {
				continue
			}
			if !p.attached.Load() {
				p.heard.Store(true)
			}
			return n, nil
		case errors.Is(err, unix.EIO):
			// For a moment nobody had the other end open, we neither:
			// see vacant.
			p.reopen()
		case err != nil && !errors.Is(err, unix.EINTR):
			return 0, fmt.Errorf("read %s: %w", p.path, err)
		}
	}
}

func (p *PTY) readOnce(b []byte) (int, error) {
	if p.file != nil {
		return p.file.Read(b)
	}
	return unix.Read(p.master, b)
}

// reopen waits until the other end is held again.
func (p *PTY) reopen() {
	p.holding.Lock()
	defer p.holding.Unlock()
	if p.slave >= 0 || p.closing.Load() {
		return
	}
	if p.hold(); p.slave < 0 {
		// A host made the port exclusive while we did not hold it. There
		// is nothing to wait on but the host's end.
		time.Sleep(20 * time.Millisecond)
	}
}

// Write sends b to the host. It returns len(b) when bytes were discarded
// because no host is attached: the sender of a UART does not know either.
func (p *PTY) Write(b []byte) (int, error) {
	if !p.acquire() {
		return 0, fmt.Errorf("write %s: %w", p.path, os.ErrClosed)
	}
	defer p.release()
	p.writing.Lock()
	defer p.writing.Unlock()
	done := 0
	for done < len(b) {
		chunk := b[done:min(len(b), done+ptyChunk)]
		if !p.attached.Load() {
			if chunk = p.unattached(chunk); len(chunk) == 0 {
				p.dropped.Add(uint64(len(b) - done))
				return len(b), nil
			}
		}
		n, err := p.writeOnce(chunk)
		if n > 0 {
			done += n
		}
		switch {
		case p.closing.Load():
			return done, fmt.Errorf("write %s: %w", p.path, os.ErrClosed)
		case err != nil && !errors.Is(err, unix.EINTR):
			return done, fmt.Errorf("write %s: %w", p.path, err)
		}
	}
	return done, nil
}

func (p *PTY) writeOnce(b []byte) (int, error) {
	if p.file != nil {
		return p.file.Write(b)
	}
	return unix.Write(p.master, b)
}

// unattached returns how much of b is to be written although no host was
// attached at the last look. It takes the news first: a host that has just
// opened the port and sent a command must get its answer. The caller holds
// writing.
func (p *PTY) unattached(b []byte) []byte {
	p.watch.sync()
	switch {
	case p.attached.Load():
		return b
	case p.ever.Load():
		// An open can escape the watch, see vacant. Look before an
		// answer is discarded, and now and then.
		now := time.Now()
		if !p.heard.Swap(false) && now.Sub(p.looked) < lookInterval {
			return nil
		}
		p.looked = now
		if p.vacant(false) {
			return nil
		}
		return b
	default:
		b = b[:min(len(b), ptyChunk-p.kept)]
		p.kept += len(b)
		return b
	}
}

// Close removes the symlink and ends the pty: hosts see a hangup.
func (p *PTY) Close() error {
	if !p.closing.CompareAndSwap(false, true) {
		return nil
	}
	err := p.link.remove()
	if p.watch != nil {
		p.watch.remove(p)
	}
	if p.file != nil {
		p.file.Close() // unblocks Read and Write
	} else {
		p.holding.Lock()
		p.wake()
		p.holding.Unlock()
	}
	p.release()
	return err
}

// wake unblocks a dedicated Read and Write. The caller holds holding.
func (p *PTY) wake() {
	if p.slave < 0 {
		// The Read is in reopen, or on its way there once the host that
		// keeps us out is gone.
		return
	}
	restart(p.slave)
	unix.Write(p.slave, []byte{0})
	p.flush()
}

// restart starts the output of a host's end again, which a host may have stopped.
func restart(slave int) { unix.IoctlSetInt(slave, unix.TCXONC, unix.TCOON) }

// withSlave calls fn with our own descriptor of the hosts' end.
func (p *PTY) withSlave(fn func(slave int) error) error {
	p.holding.Lock()
	defer p.holding.Unlock()
	if p.slave < 0 {
		if p.hold(); p.slave < 0 {
			return errors.New("a host has the port for itself")
		}
	}
	return fn(p.slave)
}

// closeDescriptors is called when nobody uses them any more.
func (p *PTY) closeDescriptors() {
	p.holding.Lock()
	defer p.holding.Unlock()
	if p.slave >= 0 {
		unix.Close(p.slave)
		p.slave = -1
	}
	if p.file == nil {
		unix.Close(p.master)
	}
}
