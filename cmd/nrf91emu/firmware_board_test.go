package main

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

// fakeBoard notes what is pressed.
type fakeBoard struct {
	mu   sync.Mutex
	said []string
}

func (b *fakeBoard) PressButton(button int, down bool) error {
	if button == 4 {
		return errors.New("no program is there")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = append(b.said, map[bool]string{true: "press ", false: "release "}[down]+string(rune('0'+button)))
	return nil
}

// take returns what was pressed since it was last asked.
func (b *fakeBoard) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.said
	b.said = nil
	return said
}

func TestPressKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := new(fakeBoard)
		var told []string
		pressKeys(strings.NewReader("1x2\n4"), b, func(s string) { told = append(told, s) })
		require.Equal(t, []string{"press 1", "press 2"}, b.take())
		require.Equal(t, []string{"button 4: no program is there"}, told)
		time.Sleep(pressed) // of the bubble's clock
		synctest.Wait()
		require.ElementsMatch(t, []string{"release 1", "release 2"}, b.take())
	})
}

func TestScreen(t *testing.T) {
	var out strings.Builder
	s := &screen{w: &out}
	s.tell(ledLine(0))
	s.Write([]byte("half"))
	s.tell(ledLine(0b0101))
	s.Write([]byte(" a line\r\nnext\r\n"))
	s.tell("end")
	require.Equal(t, "LEDs  .   .   .   . \nhalf a line\r\nnext\r\nLEDs [1]  .  [3]  . \nend\n", out.String())
	require.Equal(t, []string{"half a line", "next"}, s.lines())
	for range 100 {
		s.Write([]byte("line\n"))
	}
	require.Len(t, s.lines(), lastLines)
	require.ErrorContains(t, crash("SIGSEGV", s.lines()), "the firmware has crashed: SIGSEGV; its last lines were\n  line\n")
	s.Write([]byte("The firmware has crashed: why\n  where\n"))
	require.EqualError(t, crash("SIGSEGV", s.lines()), "the firmware has crashed: SIGSEGV", "the screen has the rest")
}

// TestEndLine: a program that ends within a line.
func TestEndLine(t *testing.T) {
	var out strings.Builder
	s := &screen{w: &out}
	s.Write([]byte("cut "))
	s.tell("waits")
	s.endLine()
	s.endLine()
	require.Equal(t, "cut \nwaits\n", out.String())
}

// TestWhenQuiet tells once, and not while something happens.
func TestWhenQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(event.Log)
		var told atomic.Int32
		stop := whenQuiet(log, quietAfter, func() { told.Add(1) })
		for range 3 {
			time.Sleep(quietAfter * 9 / 10) // of the bubble's clock
			log.Add(event.Event{})
		}
		synctest.Wait()
		require.Zero(t, told.Load())
		for range 3 {
			time.Sleep(quietAfter * 11 / 10)
			log.Add(event.Event{})
		}
		synctest.Wait()
		require.EqualValues(t, 1, told.Load())
		stop()
	})
}
