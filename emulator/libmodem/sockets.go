package libmodem

import (
	"errors"
	"io"
	"net/netip"

	"nrf91emu/emulator/socket"
)

// Flags of Send, Recv and Accept beside those of the socket engine.
const (
	flagWaitAck = 512 // the emulated network always acknowledges
	flagSendNow = 1 << 31
)

// A sock is a socket that the program has opened.
type sock struct {
	*socket.Socket
	s       *session
	waiting map[*pollWait]struct{}
	queue   sendQueue

	// NRF_SO_POLLCB: which events are to be told, and whether only once.
	callback socket.Events
	once     bool
}

// find returns the socket that a request names and answers if there is none.
func (s *session) find(typ uint8, id uint16, handle int) *sock {
	if k := s.l.socks[handle]; k != nil {
		return k
	}
	switch {
	case s.l.down || !s.l.modem.Alive():
		s.fail(typ, id, eSHUTDOWN, "the modem was shut down")
	default:
		s.fail(typ, id, int(socket.EBADF), "there is no such socket")
	}
	return nil
}

// short answers a request that is too short.
func (s *session) short(typ uint8, id uint16) error {
	s.fail(typ, id, eINVAL, "the request is too short")
	return nil
}

// done answers with 0 or with an error of the engine.
func (s *session) done(typ uint8, id uint16, err error) error {
	if err != nil {
		s.failWith(typ, id, err)
	} else {
		s.answer(typ, id, 0, nil)
	}
	return nil
}

// live reports whether the session is still that of the program that runs: what a
// callback has to say is for nobody otherwise.
func (s *session) live() bool { return s.l.session == s }

func (s *session) socket(id uint16, f *fields) error {
	family, typ, protocol := f.u8(), f.u8(), f.u16()
	switch {
	case f.short:
		return s.short(typeSocket, id)
	case s.l.down || !s.l.modem.Alive():
		s.fail(typeSocket, id, eSHUTDOWN, "the modem was shut down")
		return nil
	}
	k, err := s.l.cfg.Device.Sockets().Open(socket.Family(family), socket.Type(typ), socket.Protocol(protocol))
	if err != nil {
		s.failWith(typeSocket, id, err)
		return nil
	}
	s.adopt(k)
	s.answer(typeSocket, id, k.Handle(), nil)
	return nil
}

// adopt takes in a new socket.
func (s *session) adopt(k *socket.Socket) {
	own := &sock{Socket: k, s: s}
	s.l.socks[k.Handle()] = own
	k.SetNotify(func(ev socket.Events) {
		if s.l.socks[k.Handle()] == own {
			own.changed(ev)
		}
	})
}

func (s *session) close(id uint16, f *fields) error {
	k := s.find(typeClose, id, f.handle())
	if k == nil {
		return nil
	}
	k.queue.whenEmpty(func() {
		if s.l.socks[k.Handle()] != k {
			s.fail(typeClose, id, int(socket.EBADF), "the socket was closed meanwhile")
			return
		}
		delete(s.l.socks, k.Handle())
		k.wake()
		_ = s.done(typeClose, id, k.Close())
	})
	return nil
}

func (s *session) connect(id uint16, f *fields) error {
	handle, to := f.handle(), f.addr()
	if f.short {
		return s.short(typeConnect, id)
	}
	k := s.find(typeConnect, id, handle)
	if k == nil {
		return nil
	}
	if !to.IsValid() {
		s.fail(typeConnect, id, int(socket.EAFNOSUPPORT), "the address has no family")
		return nil
	}
	s.busy++
	k.StartConnect(to.Addr().String(), to.Port(), func(err error) {
		s.busy--
		if s.live() {
			_ = s.done(typeConnect, id, err)
		}
	})
	return nil
}

func (s *session) bind(id uint16, f *fields) error {
	handle, at := f.handle(), f.addr()
	if f.short {
		return s.short(typeBind, id)
	}
	if k := s.find(typeBind, id, handle); k != nil {
		return s.done(typeBind, id, k.Bind(at.Port()))
	}
	return nil
}

func (s *session) listen(id uint16, f *fields) error {
	handle, backlog := f.handle(), int(f.u32())
	if f.short {
		return s.short(typeListen, id)
	}
	if k := s.find(typeListen, id, handle); k != nil {
		return s.done(typeListen, id, k.Listen(backlog))
	}
	return nil
}

func (s *session) accept(id uint16, f *fields) error {
	handle, flags := f.handle(), f.u32()
	if f.short {
		return s.short(typeAccept, id)
	}
	k := s.find(typeAccept, id, handle)
	if k == nil {
		return nil
	}
	took := func(peer *socket.Socket, err error) {
		switch {
		case err != nil:
			s.failWith(typeAccept, id, err)
		case !s.live():
			peer.Close()
		default:
			s.adopt(peer)
			s.answer(typeAccept, id, peer.Handle(), func(b []byte) []byte { return appendAddr(b, peer.PeerAddr()) })
		}
	}
	if flags&uint32(socket.DontWait) != 0 {
		took(k.TryAccept())
		return nil
	}
	k.StartAccept(took)
	return nil
}

func (s *session) send(id uint16, f *fields) error {
	handle, flags, to := f.handle(), f.u32(), f.addr()
	if f.short {
		return s.short(typeSend, id)
	}
	if flags&flagSendNow != 0 {
		s.sendNow(handle, f.rest)
		return nil
	}
	s.release()
	k := s.find(typeSend, id, handle)
	if k == nil {
		return nil
	}
	sent := func(n int, err error) {
		switch {
		case !s.live():
		case err != nil && n == 0:
			s.failWith(typeSend, id, err)
		default:
			s.answer(typeSend, id, n, nil)
		}
	}
	stream := k.Type() == socket.Stream
	switch {
	case len(f.rest) == 0 && stream:
		sent(0, nil)
	case k.queue.busy():
		if flags&uint32(socket.DontWait) != 0 {
			s.fail(typeSend, id, int(socket.EAGAIN), "an earlier send has not gone out yet")
			return nil
		}
		data := append([]byte(nil), f.rest...)
		k.queue.whenEmpty(func() { k.StartSend(data, sent) })
	case stream:
		n, err := k.TrySend(f.rest)
		if errors.Is(err, socket.EAGAIN) && flags&uint32(socket.DontWait) == 0 {
			k.StartSend(f.rest, sent)
			return nil
		}
		sent(n, err)
	case to.IsValid():
		k.StartSendTo(f.rest, to.Addr().String(), to.Port(), sent)
	default:
		k.StartSend(f.rest, sent)
	}
	return nil
}

func (s *session) recv(id uint16, f *fields) error {
	handle, flags, most := f.handle(), socket.Flags(f.u32()&^flagWaitAck), int(f.u32())
	if f.short {
		return s.short(typeRecv, id)
	}
	k := s.find(typeRecv, id, handle)
	if k == nil {
		return nil
	}
	most = min(most, maxReceive)
	received := func(data []byte, from netip.AddrPort, err error) {
		switch {
		case !s.live():
		case err != nil && !errors.Is(err, io.EOF):
			s.failWith(typeRecv, id, err)
		default:
			s.answer(typeRecv, id, len(data), func(b []byte) []byte {
				return append(appendAddr(b, from), data...)
			})
		}
	}
	if flags&socket.WaitAll == 0 {
		data, from, err := k.TryRecv(most, flags)
		if !errors.Is(err, socket.EAGAIN) || flags&socket.DontWait != 0 {
			received(data, from, err)
			return nil
		}
	}
	k.StartRecv(most, flags, received)
	return nil
}

func (s *session) name(id uint16, f *fields) error {
	handle, which := f.handle(), f.u32()
	if f.short {
		return s.short(typeName, id)
	}
	k := s.find(typeName, id, handle)
	if k == nil {
		return nil
	}
	addr := k.LocalAddr()
	if which == 1 {
		if addr = k.PeerAddr(); !addr.IsValid() {
			s.fail(typeName, id, int(socket.ENOTCONN), "the socket is not connected")
			return nil
		}
	}
	s.answer(typeName, id, 0, func(b []byte) []byte { return appendAddr(b, addr) })
	return nil
}

// closeSockets closes the sockets of a program that has ended.
func (l *Library) closeSockets() {
	for handle, k := range l.socks {
		delete(l.socks, handle)
		k.SetNotify(nil)
		_ = k.Close()
	}
}

// forgetSockets forgets the sockets of an engine that has been ended. What waits
// has been answered by the engine.
func (l *Library) forgetSockets() {
	for handle, k := range l.socks {
		delete(l.socks, handle)
		k.wake()
	}
}
