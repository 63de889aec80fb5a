package link

import (
	"time"

	"golang.org/x/sys/unix"
)

// This file finds out whether a host has a pty open, and puts the line in order
// when the last one has gone.
//
// Linux has no call that tells how many openers a pty has. What it tells is
// this: poll(2) on the master says POLLHUP when nobody at all has the other end
// open. And inotify reports opens and closes of /dev/pts/N, but merges equal
// events that follow each other, so counting them would go wrong as soon as a
// host opens the port twice. So an open sets attached, and a close is a reason
// to look: let go of our own descriptor for an instant and ask the master.

// Masks of the watch on the other end. At least one bit has to be set.
const (
	watchNothing = unix.IN_ATTRIB
	watchCloses  = unix.IN_CLOSE_WRITE | unix.IN_CLOSE_NOWRITE
	watchAll     = watchCloses | unix.IN_OPEN
)

// settleDelays are the waits between looks after a close: the kernel reports a
// close shortly before it takes effect.
var settleDelays = [...]time.Duration{time.Millisecond, 8 * time.Millisecond, 64 * time.Millisecond}

// settle is called after a host closed the pty, with the number of looks so far.
func (p *PTY) settle(look int) {
	if !p.acquire() {
		return
	}
	defer p.release()
	vacant := false
	if p.writing.TryLock() {
		vacant = p.leave()
		p.writing.Unlock()
	} else if p.vacant(true) {
		// The Write under way may have been blocked by a host that did
		// not read and is gone: the flush let it end. Now in good order.
		p.writing.Lock()
		vacant = p.leave()
		p.writing.Unlock()
	}
	if !vacant && look < len(settleDelays) {
		time.AfterFunc(settleDelays[look], func() { p.settle(look + 1) })
	}
}

// leave flushes the line if nobody is attached, and reports whether nobody is.
// The caller holds writing, so that the answer to a host that opens the port
// meanwhile is written after the flush.
func (p *PTY) leave() bool {
	p.watch.sync()
	return p.vacant(true)
}

// vacant finds out whether no host has the pty open, and records it. If so, it
// restores the modes of the line and, if asked, flushes what the last host left
// unread.
//
// A blocked Read fails with EIO meanwhile and tries again. A host that opens the
// port between the look and the end of this function, some microseconds, is not
// noticed here; Write looks again before it discards an answer.
func (p *PTY) vacant(flush bool) bool {
	p.holding.Lock()
	defer p.holding.Unlock()
	if p.closing.Load() {
		return true
	}
	exclusive := false
	if p.slave >= 0 {
		// Clear it before letting go, or we could not come back: only
		// root may open an exclusive tty.
		if on, err := unix.IoctlGetInt(p.slave, unix.TIOCGEXCL); err == nil && on != 0 {
			exclusive = true
			unix.IoctlSetInt(p.slave, unix.TIOCNXCL, 0)
		}
		// Neither our close nor our open is news.
		p.watch.mask(p, watchNothing)
		unix.Close(p.slave)
		p.slave = -1
	}
	p.watch.mask(p, watchCloses)
	poll := []unix.PollFd{{Fd: int32(p.master)}}
	_, err := unix.Poll(poll, 0)
	vacant := err == nil && poll[0].Revents&unix.POLLHUP != 0
	p.attached.Store(!vacant)
	if vacant {
		p.restore()
	} else {
		p.ever.Store(true)
	}
	p.hold()
	p.watch.mask(p, watchAll)
	if p.slave >= 0 {
		if exclusive && !vacant {
			unix.IoctlSetInt(p.slave, unix.TIOCEXCL, 0)
		}
		if vacant && flush {
			p.flush()
		}
	}
	return vacant
}

// hold opens the other end, so that the master does not read EIO between hosts.
// It fails when a host made the tty exclusive in the instant in which we did not
// hold it, and we are not root.
func (p *PTY) hold() {
	fd, err := openPeer(p.master)
	if err != nil {
		fd = -1
	}
	p.slave = fd
}

// restore puts the line back into raw mode if a host left it otherwise.
func (p *PTY) restore() {
	t, err := unix.IoctlGetTermios(p.master, getModes)
	if err == nil && *t != p.raw {
		unix.IoctlSetTermios(p.master, setModes, &p.raw)
	}
}

// flush discards what was written to the host and not read. First what is on
// its way to the host's end, then what has arrived there; the latter also wakes
// a blocked writer. The caller holds holding.
func (p *PTY) flush() {
	unix.IoctlSetInt(p.master, unix.TCFLSH, unix.TCOFLUSH)
	unix.IoctlSetInt(p.slave, unix.TCFLSH, unix.TCIFLUSH)
}
