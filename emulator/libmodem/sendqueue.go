package libmodem

import (
	"errors"

	"nrf91emu/emulator/socket"
)

// window is how much a program may have on the way by sends that are not answered,
// in bytes; told is after how much of it the program hears that it was taken.
const (
	window = 128 << 10
	told   = window / 8
)

// A sendQueue is what was sent on a stream without waiting for an answer and has
// not been taken by the engine yet.
type sendQueue struct {
	data    []byte
	sending bool
	taken   int // and not told
	after   []func()
}

func (q *sendQueue) busy() bool { return q.sending }

// whenEmpty calls fn when all has been taken.
func (q *sendQueue) whenEmpty(fn func()) {
	if !q.sending {
		fn()
		return
	}
	q.after = append(q.after, fn)
}

// sendNow sends data of a stream without an answer. What the program has sent already goes out
// together with it.
func (s *session) sendNow(handle int, data []byte) {
	k := s.l.socks[handle]
	if s.holding != k {
		s.release()
	}
	if s.more && k != nil {
		k.Hold(true)
		s.holding = k
	} else {
		defer s.release()
	}
	switch {
	case k == nil:
		s.taken(handle, 0, len(data), int(socket.EBADF))
	case k.queue.sending:
		if len(k.queue.data)+len(data) > 2*window {
			s.taken(handle, 0, len(data), int(socket.ENOBUFS))
			return
		}
		k.queue.data = append(k.queue.data, data...)
	default:
		k.push(data)
	}
}

// release sends what waits for more.
func (s *session) release() {
	if s.holding != nil {
		s.holding.Hold(false)
		s.holding = nil
	}
}

// push gives data to the engine. What it does not take at once waits in the queue.
func (k *sock) push(data []byte) {
	q := &k.queue
	for len(data) > 0 {
		n, err := k.TrySend(data)
		q.taken += n
		data = data[n:]
		if errors.Is(err, socket.EAGAIN) {
			q.sending = true
			q.data = append([]byte(nil), data...)
			k.pull()
			return
		}
		if err != nil {
			k.dropQueue(len(data), err)
			return
		}
	}
	if q.taken >= told {
		k.s.taken(k.Handle(), q.taken, 0, 0)
		q.taken = 0
	}
}

// pull lets the engine take the next data of the queue when it can.
func (k *sock) pull() {
	q := &k.queue
	k.StartSend(q.data, func(n int, err error) {
		if !k.s.live() {
			return
		}
		q.taken += n
		rest := q.data[n:]
		q.data = nil
		q.sending = false
		if err != nil {
			k.dropQueue(len(rest), err)
			return
		}
		k.push(rest)
		if !q.sending {
			k.settle()
		}
	})
}

// settle tells what was taken and does what has waited for it.
func (k *sock) settle() {
	q := &k.queue
	if q.taken > 0 {
		k.s.taken(k.Handle(), q.taken, 0, 0)
		q.taken = 0
	}
	after := q.after
	q.after = nil
	for _, fn := range after {
		fn()
	}
}

// dropQueue gives up what was not sent.
func (k *sock) dropQueue(dropped int, err error) {
	q := &k.queue
	dropped += len(q.data)
	q.data = nil
	n, ok := errors.AsType[socket.Errno](err)
	if !ok {
		n = socket.EIO
	}
	k.s.taken(k.Handle(), q.taken, dropped, int(n))
	q.taken = 0
	k.settle()
}

// taken tells the program what became of sends that are not answered.
func (s *session) taken(handle, taken, dropped, errno int) {
	s.event(eventTaken, func(b []byte) []byte { return append32(b, handle, taken, dropped, -errno) })
}

// wait is answered when nothing waits to be sent any more.
func (s *session) wait(id uint16, _ *fields) error {
	left := 1
	done := func() {
		if left--; left == 0 {
			s.answer(typeWait, id, 0, nil)
		}
	}
	for _, k := range s.l.socks {
		left++
		k.queue.whenEmpty(done)
	}
	done()
	return nil
}
