package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

// What one cause has brought about has its reason once, and what fails twice has it twice.
func TestExplainer(t *testing.T) {
	var out bytes.Buffer
	var log event.Log
	x := newExplainer(&out)
	x.follow(&log, "modem 3")
	for id := range 2 {
		log.Add(event.Event{Command: &event.Command{ID: id, Text: "AT#XCONNECT"}})
		log.Add(event.Event{Handshake: &event.Handshake{Protocol: "tls", Peer: "h:1", Errno: 111, Name: "ECONNREFUSED", Reason: "unknown CA"}})
		log.Add(event.Event{Response: &event.Response{ID: id, Result: "ERROR", Error: true, Reason: "connect: unknown CA"}})
	}
	for id := range 2 {
		log.Add(event.Event{Command: &event.Command{ID: id, Text: "AT+NO"}})
		log.Add(event.Event{Response: &event.Response{ID: id, Result: "ERROR", Error: true, Reason: "no such command"}})
	}
	x.end()
	text := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `).ReplaceAllString(out.String(), "")
	const refused = "modem 3: TLS handshake with h:1: refused, ECONNREFUSED (111)\n         why: unknown CA\nmodem 3: AT#XCONNECT: ERROR\n"
	const unknown = "modem 3: AT+NO: ERROR\n         why: no such command\n"
	require.Equal(t, strings.Repeat(refused, 2)+strings.Repeat(unknown, 2), text)
	require.False(t, log.Enabled())
	(*explainer)(nil).follow(&log, "")
	(*explainer)(nil).end()
}

// slow takes nothing until it is released.
type slow struct{ begun, release chan struct{} }

func (s slow) Write(p []byte) (int, error) {
	select {
	case s.begun <- struct{}{}:
	case <-s.release:
	}
	<-s.release
	return len(p), nil
}

// A terminal that was stopped holds up no modem, nor the end.
func TestExplainerOnAStoppedTerminal(t *testing.T) {
	var log event.Log
	s := slow{make(chan struct{}), make(chan struct{})}
	x := newExplainer(s)
	x.follow(&log, "")
	fail := func(id int) {
		log.Add(event.Event{Response: &event.Response{ID: id, Result: "ERROR", Error: true}})
	}
	fail(0)
	<-s.begun
	for id := range 2 * maxExplained {
		fail(1 + id)
	}
	require.EqualValues(t, maxExplained, x.missed.Load())
	x.end()
	close(s.release)
	<-x.done
}

// Reasons are for a reader: the null device has none, nor is a file a screen.
func TestIsScreen(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	require.False(t, isScreen(null))
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	require.False(t, isScreen(file))
	require.False(t, isScreen(new(bytes.Buffer)))
	if screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err == nil {
		defer screen.Close()
		require.True(t, isScreen(screen))
	}
}
