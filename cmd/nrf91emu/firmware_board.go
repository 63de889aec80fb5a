package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator/firmware"
)

// board is the LEDs and buttons of a device, as firmware run needs them.
type board interface {
	// PressButton presses or releases a button, numbered from 1.
	PressButton(button int, down bool) error
}

// pressed is how long a key holds a button: longer than the 10 ms between two looks
// of Nordic's library, and short for a person.
const pressed = 150 * time.Millisecond

// buttons is how many keys are buttons.
const buttons = 4

// pressKeys presses a button for each key 1 to 4 that comes in, until the input ends. What goes
// wrong, such as no program being there yet, is told.
func pressKeys(in io.Reader, b board, tell func(string)) {
	buf := make([]byte, 64)
	for {
		n, err := in.Read(buf)
		for _, key := range buf[:n] {
			button := int(key) - '0'
			if button < 1 || button > buttons {
				continue
			}
			if err := b.PressButton(button, true); err != nil {
				tell(fmt.Sprintf("button %d: %v", button, err))
				continue
			}
			time.AfterFunc(pressed, func() {
				_ = b.PressButton(button, false) // the program may have ended meanwhile
			})
		}
		if err != nil {
			return
		}
	}
}

// screen shows the lines of a program as they come, and LEDs between them.
type screen struct {
	mu      sync.Mutex
	w       io.Writer
	inLine  bool   // the program is in the middle of a line
	pending string // what waits for its end
	last    [][]byte
	partial []byte
}

const (
	// lastLines is how many lines a screen keeps, for when the program crashes: more than
	// the report that it may make of that.
	lastLines = 40
	// shownLines is how many of them are shown if it has made none.
	shownLines = 12
)

// Write passes on what the program writes, at once.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.w.Write(p)
	s.keep(p)
	if s.inLine = !bytes.HasSuffix(p, []byte("\n")); !s.inLine && s.pending != "" {
		io.WriteString(s.w, s.pending)
		s.pending = ""
	}
	return n, err
}

// keep remembers the last lines.
func (s *screen) keep(p []byte) {
	s.partial = append(s.partial, p...)
	for {
		line, rest, ok := bytes.Cut(s.partial, []byte("\n"))
		if !ok {
			break
		}
		s.last = append(s.last, bytes.Clone(line))
		s.partial = rest
	}
	s.last = s.last[max(0, len(s.last)-lastLines):]
	if len(s.partial) > 4096 {
		s.partial = bytes.Clone(s.partial[len(s.partial)-4096:])
	}
}

// tell shows a line of the emulator, after the program's line in hand.
func (s *screen) tell(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text += "\n"
	if s.inLine {
		s.pending += text
		return
	}
	io.WriteString(s.w, text)
}

// endLine ends the line that a program that has ended was in, and shows what waited for that.
func (s *screen) endLine() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inLine {
		io.WriteString(s.w, "\n"+s.pending)
		s.inLine, s.pending = false, ""
	}
}

// A teller writes whole lines of the emulator to a screen.
type teller struct{ *screen }

func (t teller) Write(p []byte) (int, error) {
	t.tell(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// lines returns the last lines of the program.
func (s *screen) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, l := range s.last {
		lines = append(lines, strings.TrimRight(string(l), "\r"))
	}
	if len(s.partial) > 0 {
		lines = append(lines, string(s.partial))
	}
	return lines
}

// ledLine shows which LEDs are on.
func ledLine(leds uint32) string {
	var b strings.Builder
	b.WriteString("LEDs")
	for i := range buttons {
		if leds&(1<<i) != 0 {
			fmt.Fprintf(&b, " [%d]", i+1)
		} else {
			b.WriteString("  . ")
		}
	}
	return b.String()
}

// crash is the error of a program that died; what is not on the screen yet comes with it.
func crash(signal string, lines []string) error {
	text := "the firmware has crashed: " + signal
	reported := slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, firmware.CrashHeading) })
	if len(lines) > 0 && !reported {
		text += "; its last lines were\n  " + strings.Join(lines[max(0, len(lines)-shownLines):], "\n  ")
	}
	return errors.New(text)
}
