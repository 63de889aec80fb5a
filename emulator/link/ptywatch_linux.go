package link

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A watcher tells the ptys of this process of opens and closes of their other
// ends: one inotify descriptor and one goroutine in Go's poller for them all.
type watcher struct {
	file *os.File
	conn syscall.RawConn

	mu    sync.Mutex
	fd    int // -1 once closed
	ports map[int32]*PTY
	buf   [4096]byte
}

// shared is the watcher of the process. It lives while there are ptys.
var shared struct {
	mu sync.Mutex
	w  *watcher
}

// watch begins to watch the other end of p.
func watch(p *PTY) error {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.w == nil {
		w, err := newWatcher()
		if err != nil {
			return err
		}
		shared.w = w
		go w.run()
	}
	w := shared.w
	w.mu.Lock()
	defer w.mu.Unlock()
	wd, err := unix.InotifyAddWatch(w.fd, p.path, watchAll)
	if err != nil {
		if len(w.ports) == 0 {
			w.retire()
		}
		return fmt.Errorf("cannot watch %s: %w (if there is no space, raise /proc/sys/fs/inotify/max_user_watches)", p.path, err)
	}
	p.watch, p.wd = w, int32(wd)
	w.ports[p.wd] = p
	return nil
}

func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot watch ptys: inotify: %w (if there are too many, raise /proc/sys/fs/inotify/max_user_instances)", err)
	}
	w := &watcher{fd: fd, file: os.NewFile(uintptr(fd), "inotify"), ports: make(map[int32]*PTY)}
	if w.conn, err = w.file.SyscallConn(); err != nil {
		w.file.Close()
		return nil, fmt.Errorf("cannot watch ptys: %w", err)
	}
	return w, nil
}

// retire ends the watcher. The caller holds shared.mu and w.mu.
func (w *watcher) retire() {
	shared.w = nil
	w.fd = -1
	go w.file.Close() // waits for run, which may be waiting for w.mu
}

// remove ends watching p.
func (w *watcher) remove(p *PTY) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ports, p.wd)
	unix.InotifyRmWatch(w.fd, uint32(p.wd))
	if len(w.ports) == 0 {
		w.retire()
	}
}

// mask changes what is watched of p.
func (w *watcher) mask(p *PTY, mask uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd >= 0 && w.ports[p.wd] == p {
		unix.InotifyAddWatch(w.fd, p.path, mask)
	}
}

// run takes the news as they come, until the watcher is closed.
func (w *watcher) run() {
	w.conn.Read(func(uintptr) bool {
		for _, p := range w.take() {
			p.settle(0)
		}
		return false // wait for more
	})
}

// sync takes the news that are there already.
func (w *watcher) sync() {
	if closed := w.take(); closed != nil {
		// Not here: the caller may hold locks of a pty.
		go func() {
			for _, p := range closed {
				p.settle(0)
			}
		}()
	}
}

// take reads all events there are. It notes opens at once and returns the ptys
// of which a host closed the other end.
func (w *watcher) take() (closed []*PTY) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.fd >= 0 {
		n, err := unix.Read(w.fd, w.buf[:])
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			break
		}
		closed = w.events(w.buf[:n], closed)
	}
	return closed
}

// events notes the events in b. The caller holds mu.
func (w *watcher) events(b []byte, closed []*PTY) []*PTY {
	for len(b) >= unix.SizeofInotifyEvent {
		wd := int32(binary.NativeEndian.Uint32(b))
		mask := binary.NativeEndian.Uint32(b[4:])
		b = b[unix.SizeofInotifyEvent+int(binary.NativeEndian.Uint32(b[12:])):]
		if mask&unix.IN_Q_OVERFLOW != 0 {
			// News were lost; look at every pty.
			for _, p := range w.ports {
				closed = append(closed, p)
			}
			continue
		}
		p := w.ports[wd]
		if p == nil {
			continue // closed meanwhile
		}
		if mask&unix.IN_OPEN != 0 {
			p.ever.Store(true)
			p.attached.Store(true)
		}
		if mask&watchCloses != 0 && (len(closed) == 0 || closed[len(closed)-1] != p) {
			closed = append(closed, p)
		}
	}
	return closed
}
