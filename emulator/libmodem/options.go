package libmodem

import (
	"encoding/binary"
	"strings"
	"time"

	"nrf91emu/emulator/socket"
)

// Options with values that are no plain number, and that of the library itself.
const (
	levelSocket = 1
	levelSecure = 282

	optionTags     = 1
	optionHostName = 2
	optionSuites   = 3
	optionPollCB   = 60
)

func optionOf(level, name uint32) socket.Option {
	return socket.Option(level<<16 | name&0xffff)
}

func (s *session) setOption(id uint16, f *fields) error {
	handle, level, name := f.handle(), f.u32(), f.u32()
	if f.short || len(f.rest) > maxOptionSize || name > 0xffff || level > 0xffff {
		return s.short(typeSetOption, id)
	}
	k := s.find(typeSetOption, id, handle)
	if k == nil {
		return nil
	}
	value := f.rest
	invalid := func(why string) error {
		s.fail(typeSetOption, id, eINVAL, why)
		return nil
	}
	switch o := optionOf(level, name); {
	case level == levelSecure && name == optionTags:
		if len(value)%4 != 0 {
			return invalid("a list of security tags is numbers of 4 bytes")
		}
		tags := make([]uint32, 0, len(value)/4)
		for ; len(value) > 0; value = value[4:] {
			tags = append(tags, binary.LittleEndian.Uint32(value))
		}
		return s.done(typeSetOption, id, k.SetSecTags(tags))
	case level == levelSecure && name == optionHostName:
		host, _, _ := strings.Cut(string(value), "\x00")
		return s.done(typeSetOption, id, k.SetHostName(host))
	case level == levelSecure && name == optionSuites:
		if len(value)%4 != 0 {
			return invalid("a list of cipher suites is numbers of 4 bytes")
		}
		var suites []uint16
		for ; len(value) > 0; value = value[4:] {
			suites = append(suites, uint16(binary.LittleEndian.Uint32(value)))
		}
		return s.done(typeSetOption, id, k.SetCipherSuites(suites))
	case level == levelSocket && name == optionPollCB:
		if len(value) < 8 {
			return invalid("the option takes events and whether they are told once")
		}
		k.callback = socket.Events(binary.LittleEndian.Uint32(value))
		k.once = binary.LittleEndian.Uint32(value[4:]) != 0
		s.answer(typeSetOption, id, 0, nil)
		// What is there already is told, too.
		if k.callback != 0 {
			k.changed(k.Poll())
		}
		return nil
	case o == socket.ReceiveTimeout || o == socket.SendTimeout:
		if len(value) != 16 {
			return invalid("a time is seconds and microseconds, 8 bytes each")
		}
		seconds, micros := int64(binary.LittleEndian.Uint64(value)), int64(binary.LittleEndian.Uint64(value[8:]))
		if seconds < 0 || seconds > 1<<31 || micros < 0 || micros > 1<<31 {
			return invalid("the time makes no sense")
		}
		d := time.Duration(seconds)*time.Second + time.Duration(micros)*time.Microsecond
		ms := int((d + time.Millisecond - 1) / time.Millisecond) // never 0, which is for ever
		return s.done(typeSetOption, id, k.SetOption(o, ms))
	case o == socket.DTLSSave || o == socket.DTLSLoad || o == socket.SessionCachePurge:
		return s.done(typeSetOption, id, k.SetOption(o, 1)) // any value (fact tls/options)
	default:
		if len(value) < 4 {
			return invalid("the option takes a number of 4 bytes")
		}
		return s.done(typeSetOption, id, k.SetOption(o, int(int32(binary.LittleEndian.Uint32(value)))))
	}
}

func (s *session) option(id uint16, f *fields) error {
	handle, level, name, most := f.handle(), f.u32(), f.u32(), int(f.u32())
	if f.short || name > 0xffff || level > 0xffff {
		return s.short(typeOption, id)
	}
	k := s.find(typeOption, id, handle)
	if k == nil {
		return nil
	}
	var value []byte
	o := optionOf(level, name)
	if level == levelSecure && name == optionHostName {
		value = append([]byte(k.HostName()), 0)
	} else {
		n, err := k.Option(o)
		switch {
		case err != nil:
			s.failWith(typeOption, id, err)
			return nil
		case o == socket.ReceiveTimeout || o == socket.SendTimeout:
			value = binary.LittleEndian.AppendUint64(nil, uint64(n/1000))
			value = binary.LittleEndian.AppendUint64(value, uint64(n%1000*1000))
		default:
			value = append32(nil, n)
		}
	}
	if len(value) > most {
		s.fail(typeOption, id, eINVAL, "there is no room for the value")
		return nil
	}
	s.answer(typeOption, id, len(value), func(b []byte) []byte { return append(b, value...) })
	return nil
}
