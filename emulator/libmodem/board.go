package libmodem

import (
	"bytes"
	"fmt"
	"strings"

	"nrf91emu/emulator/event"
)

// MaxLEDs is how many LEDs and buttons a board has at most.
const MaxLEDs = 4

// LEDs returns the LEDs that are on, bit 0 being LED 1.
func (l *Library) LEDs() uint32 { return l.leds }

// Buttons returns the buttons that are pressed, bit 0 being button 1.
func (l *Library) Buttons() uint32 { return l.pressed }

// Press presses or releases a button, numbered from 1. The error says that there is
// no such button or that no program runs.
func (l *Library) Press(button int, down bool) error {
	if button < 1 || button > MaxLEDs {
		return fmt.Errorf("there is no button %d; they are 1 to %d", button, MaxLEDs)
	}
	if l.session == nil {
		return fmt.Errorf("no program is connected that could see button %d", button)
	}
	mask := uint32(1) << (button - 1)
	before := l.pressed
	if l.pressed &^= mask; down {
		l.pressed |= mask
	}
	if l.pressed == before {
		return nil
	}
	l.record(event.Event{Board: &event.Board{LEDs: l.leds, Buttons: l.pressed, Changed: fmt.Sprintf("button %d", button)}})
	l.session.event(eventButton, func(b []byte) []byte { return append32(b, int(l.pressed), int(mask)) })
	return nil
}

// setLEDs switches LEDs.
func (s *session) setLEDs(id uint16, f *fields) error {
	l := s.l
	on := f.u32()
	changed := on ^ l.leds
	l.leds = on
	for i := range MaxLEDs {
		if changed>>i&1 == 1 {
			l.record(event.Event{Board: &event.Board{LEDs: on, Buttons: l.pressed, Changed: fmt.Sprintf("LED %d", i+1)}})
		}
	}
	s.answer(typeLEDs, id, 0, nil)
	return nil
}

func (s *session) buttons(id uint16, _ *fields) error {
	s.answer(typeButtons, id, int(s.l.pressed), nil)
	return nil
}

// levels are the names of the levels of a line of the console.
var levels = []string{"", "err", "wrn", "inf", "dbg"}

// log takes a line of the console.
func (s *session) log(id uint16, f *fields) error {
	if level := int(f.u8()); s.l.cfg.Log.Enabled() {
		text := s.l.cfg.Log.Answer(bytes.TrimRight(f.rest[:min(len(f.rest), maxConsoleLine)], "\r\n"))
		text = strings.ToValidUTF8(text, "\uFFFD")
		s.l.record(event.Event{Console: &event.Console{Level: levels[min(level, len(levels)-1)], Text: text}})
	}
	s.answer(typeLog, id, 0, nil)
	return nil
}

// reset resets the device. The program's connection ends with it.
func (s *session) reset(uint16, *fields) error {
	s.l.cfg.Device.Reboot("the program has reset the device")
	return nil
}

// exit notes why the program ends.
func (s *session) exit(id uint16, f *fields) error {
	status := int(f.i32())
	e := event.Program{
		Action: event.ProgramEnd, Name: s.program.name, PID: int(s.program.pid), Status: status,
		Reason: clip(strings.ToValidUTF8(string(f.rest), "\uFFFD"), maxConsoleLine),
	}
	if status > statusOfSignal {
		e.Action = event.ProgramCrash
	}
	s.exited = true
	s.l.record(event.Event{Program: &e})
	s.answer(typeExit, id, 0, nil)
	return nil
}
