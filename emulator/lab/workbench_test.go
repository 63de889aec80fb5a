package lab

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Another exercise begins at once, whatever is being built: the build is ended, and its
// program does not run in the new exercise.
func TestExerciseBeginsDuringBuild(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("firmware in C needs Linux, macOS or WSL")
	}
	l, server := openLab(t, Config{NoPorts: true})
	s := l.seats[0]
	require.NoError(t, s.Start("mqtt-over-tls-in-c"))
	for range buildsAtOnce { // others build
		l.building <- struct{}{}
	}
	flashed := make(chan error, 1)
	go func() { flashed <- s.bench.Flash(t.Context()) }()
	phase := func() string {
		s.bench.mu.Lock()
		defer s.bench.mu.Unlock()
		return s.bench.state.Phase
	}
	for phase() != phaseWaiting {
		<-s.looked()
	}
	require.NoError(t, s.Start("crlf"))
	require.ErrorContains(t, <-flashed, errInterrupted.Error())
	require.Nil(t, s.bench.program)
	require.Equal(t, phaseNone, phase())
	b := &browser{t: t, base: server.URL + s.PagePath()}
	status, text := b.call("POST", "firmware/flash", nil)
	require.Equal(t, 409, status, text)
}

// Characters that come in pieces are whole on the page.
func TestPieces(t *testing.T) {
	var p pieces
	for _, tt := range []struct{ piece, want string }{
		{"21 \xc2", "21 "}, {"\xb5m", "µm"}, {"\xe2", ""}, {"\x82", ""}, {"\xac\r\n", "€\r\n"}, {"\xff\xb5", "\uFFFD"}, {"\xf0\x9f", ""}, {"x", "\uFFFDx"}, {"", ""},
	} {
		require.Equal(t, tt.want, p.add([]byte(tt.piece)), "%q", tt.piece)
	}
}

// Code that is too large to be given out is told so, and is no broken archive.
func TestCodeTooLarge(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("firmware in C needs Linux, macOS or WSL")
	}
	l, server := openLab(t, Config{NoPorts: true})
	s := l.seats[0]
	require.NoError(t, s.Start("mqtt-over-tls-in-c"))
	require.NoError(t, os.WriteFile(filepath.Join(s.bench.dir(s.current()), "large.bin"), make([]byte, maxCode+1), 0o666))
	b := &browser{t: t, base: server.URL + s.PagePath()}
	status, text := b.call("GET", "code.zip", nil)
	require.Equal(t, 409, status)
	require.Contains(t, text, "the code is more than")
}
