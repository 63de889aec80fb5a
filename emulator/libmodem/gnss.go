package libmodem

import (
	"errors"

	"nrf91emu/emulator/gnss"
)

// Types of data that GNSSRead reads.
const (
	readPVT        = 1
	readNMEA       = 2
	readAssistance = 3
)

const (
	eACCES  = 13
	eNOMSG  = 35
	eNOTSUP = 134
)

// TellGNSS hands on an event of the receiver.
func (l *Library) TellGNSS(ev gnss.Event) {
	if l.session != nil {
		l.session.event(eventGNSS, func(b []byte) []byte { return append32(b, int(ev)) })
	}
}

// receiver returns the receiver and answers if there is none that could be used.
func (s *session) receiver(typ uint8, id uint16) *gnss.Receiver {
	r := s.l.cfg.Device.GNSS()
	switch {
	case s.l.down:
		s.fail(typ, id, ePERM, "the modem was shut down")
	case !s.l.modem.Alive():
		s.fail(typ, id, eSHUTDOWN, "the modem has crashed")
	case r == nil:
		s.fail(typ, id, eNOTSUP, "this modem has no GNSS receiver")
	default:
		return r
	}
	return nil
}

// told answers with 0 or with an error of the receiver.
func (s *session) told(typ uint8, id uint16, err error) error {
	switch {
	case err == nil:
		s.answer(typ, id, 0, nil)
	case errors.Is(err, gnss.ErrNotEnabled):
		s.fail(typ, id, eACCES, err.Error())
	case errors.Is(err, gnss.ErrNoData):
		s.fail(typ, id, eNOMSG, err.Error())
	default:
		s.fail(typ, id, eINVAL, err.Error())
	}
	return nil
}

func (s *session) gnssSet(id uint16, f *fields) error {
	what, value := f.u32(), f.u32()
	if f.short {
		return s.short(typeGNSSSet, id)
	}
	if r := s.receiver(typeGNSSSet, id); r != nil {
		return s.told(typeGNSSSet, id, r.Set(gnss.Setting(what), value))
	}
	return nil
}

func (s *session) gnssStart(id uint16, _ *fields) error {
	if r := s.receiver(typeGNSSStart, id); r != nil {
		return s.told(typeGNSSStart, id, r.Start())
	}
	return nil
}

func (s *session) gnssStop(id uint16, _ *fields) error {
	if r := s.receiver(typeGNSSStop, id); r != nil {
		return s.told(typeGNSSStop, id, r.Stop())
	}
	return nil
}

// allSatellites is the mask of the satellites of GPS.
const allSatellites = -1 // every bit of 32

// gnssRead reads a frame. That of assistance is uint32 flags, uint64 mask of
// ephemerides, uint64 mask of almanacs.
func (s *session) gnssRead(id uint16, f *fields) error {
	typ := f.u32()
	if f.short {
		return s.short(typeGNSSRead, id)
	}
	r := s.receiver(typeGNSSRead, id)
	if r == nil {
		return nil
	}
	var payload []byte
	var err error
	switch typ {
	case readPVT:
		var frame gnss.Frame
		frame, err = r.Frame()
		payload = gnss.AppendPVT(nil, &frame)
	case readNMEA:
		var text string
		text, err = r.Sentence()
		payload = []byte(text)
	case readAssistance:
		needs := 0
		if r.NeedsAssistance() {
			needs = allSatellites
		}
		payload = append32(nil, needs&0x3f, needs, 0, needs, 0)
	default:
		return s.told(typeGNSSRead, id, gnss.ErrValue)
	}
	if err != nil {
		return s.told(typeGNSSRead, id, err)
	}
	s.answer(typeGNSSRead, id, len(payload), func(b []byte) []byte { return append(b, payload...) })
	return nil
}
