package libmodem

import (
	"errors"
	"net/netip"

	"nrf91emu/emulator/socket"
)

func (s *session) lookup(id uint16, f *fields) error {
	l := s.l
	family, name := socket.Family(f.u32()), string(f.rest)
	fail := func(eai, errno int, why string) {
		s.answer(typeLookup, id, -eai, func(b []byte) []byte { return append(append32(b, errno), why...) })
	}
	switch {
	case f.short || name == "" || len(name) > maxLookupName:
		fail(eAINoName, 0, "the host name is empty or too long")
		return nil
	case l.down || !l.modem.Alive():
		fail(eAISystem, eSHUTDOWN, "the modem was shut down")
		return nil
	}
	s.busy++
	l.cfg.Device.Sockets().StartLookup(name, family, func(addrs []netip.Addr, err error) {
		s.busy--
		if !s.live() {
			return
		}
		if err != nil {
			n, _ := errors.AsType[socket.Errno](err)
			if errors.Is(err, socket.ErrNameNotFound) {
				fail(eAINoName, 0, err.Error())
			} else {
				fail(eAISystem, int(n), err.Error())
			}
			return
		}
		addrs = oneOfEach(addrs)
		s.answer(typeLookup, id, len(addrs), func(b []byte) []byte {
			for _, a := range addrs {
				b = appendAddr(b, netip.AddrPortFrom(a, 0))
			}
			return b
		})
	})
	return nil
}

// oneOfEach returns one address of each family, IPv4 first (chosen: the emulated
// network is mostly the loopback interface, and servers there mostly IPv4).
func oneOfEach(addrs []netip.Addr) []netip.Addr {
	var v4, v6 []netip.Addr
	for _, a := range addrs {
		switch a = a.Unmap(); {
		case a.Is4() && v4 == nil:
			v4 = []netip.Addr{a}
		case a.Is6() && v6 == nil:
			v6 = []netip.Addr{a}
		}
	}
	return append(v4, v6...)
}
