package libmodem

import (
	"encoding/binary"
	"time"

	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// A pollWait is a Poll that waits.
type pollWait struct {
	s     *session
	id    uint16
	fds   []pollFD
	timer *timer.Timer
	done  bool
}

type pollFD struct {
	handle int
	events socket.Events
}

// always are events that need not be asked for.
const always = socket.PollError | socket.PollHangup | socket.PollInvalid

func (s *session) poll(id uint16, f *fields) error {
	timeout := f.i32()
	if n := len(f.rest) / 8; f.short || len(f.rest)%8 != 0 || n > maxPollSockets {
		s.fail(typePoll, id, eINVAL, "the list of sockets makes no sense")
		return nil
	}
	p := &pollWait{s: s, id: id}
	for len(f.rest) > 0 {
		handle, events := f.handle(), f.u16()
		f.u16()
		p.fds = append(p.fds, pollFD{handle, socket.Events(events)})
	}
	if p.check() {
		return nil
	}
	if timeout == 0 {
		p.finish()
		return nil
	}
	for _, fd := range p.fds {
		if k := s.l.socks[fd.handle]; k != nil {
			if k.waiting == nil {
				k.waiting = make(map[*pollWait]struct{})
			}
			k.waiting[p] = struct{}{}
		}
	}
	if timeout > 0 {
		p.timer = s.l.cfg.Timers.After(time.Duration(timeout)*time.Millisecond, p.finish)
	}
	return nil
}

// ready returns what a socket is ready for, of what is asked for.
func (p *pollWait) ready(fd pollFD) socket.Events {
	k := p.s.l.socks[fd.handle]
	if k == nil {
		return socket.PollInvalid
	}
	ev := k.Poll()
	if k.queue.busy() {
		ev &^= socket.PollOut
	}
	return ev & (fd.events | always)
}

// check answers if a socket is ready.
func (p *pollWait) check() bool {
	for _, fd := range p.fds {
		if p.ready(fd) != 0 {
			p.finish()
			return true
		}
	}
	return false
}

// finish answers with what there is.
func (p *pollWait) finish() {
	if !p.s.live() {
		return
	}
	p.done = true
	p.timer.Stop()
	n := 0
	revents := make([]byte, 0, 2*len(p.fds))
	for _, fd := range p.fds {
		ev := p.ready(fd)
		if ev != 0 {
			n++
		}
		revents = binary.LittleEndian.AppendUint16(revents, uint16(ev))
		if k := p.s.l.socks[fd.handle]; k != nil {
			delete(k.waiting, p)
		}
	}
	p.s.answer(typePoll, p.id, n, func(b []byte) []byte { return append(b, revents...) })
}

// changed is called when a socket has become ready for something.
func (k *sock) changed(ev socket.Events) {
	if !k.s.live() {
		return
	}
	k.wake()
	if tell := ev & (k.callback | always); k.callback != 0 && tell != 0 {
		if k.once {
			k.callback = 0
		}
		k.s.event(eventSocket, func(b []byte) []byte { return append32(b, k.Handle(), int(tell)) })
	}
}

// wake has those who wait for the socket look again.
func (k *sock) wake() {
	if !k.s.live() {
		return
	}
	for p := range k.waiting {
		if !p.done {
			p.check()
		}
	}
}
