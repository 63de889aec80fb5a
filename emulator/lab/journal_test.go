package lab

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// A lab with a folder of its own that is ended, or killed, and started again goes on: with
// the same addresses and numbers, so that pages that were open need not forget anything, and
// with the steps that were done.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	cfg := Config{Dir: t.TempDir(), NoPorts: true, Students: 2, Tokens: true}
	life := func(fn func(l *Lab, b *browser)) {
		l, err := Open(cfg)
		require.NoError(t, err)
		server := httptest.NewServer(l.Handler())
		b := open(t, server, l.Seats()[0].PagePath())
		fn(l, b)
		b.conn.CloseNow()
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, l.Close())
	}
	var path, teacher, id string
	var last uint64
	life(func(l *Lab, b *browser) {
		s := l.Seats()[0]
		path, teacher, id = s.PagePath(), l.TeacherPath(), s.hub.id
		b.do("AT", "OK")
		b.do("AT+CMEE=1", "OK")
		b.do("AT%CMNG=1,24,0", "OK")
		b.do(`AT%CMNG=0,24,0,"`+b.ca()+`"`, "OK")
		b.do("AT%CMNG=1,24,0", "OK")
		b.step(4, true)
		b.call("POST", "client/connect", map[string]string{"server": "mqtt-tls", "ca": "none"})
		_, last, _ = s.hub.after(0)
	})
	// It was killed while it wrote.
	file := filepath.Join(cfg.Dir, "seat-1.jsonl")
	half, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(half), "PRIVATE KEY")
	require.NoError(t, os.WriteFile(file, append(half, `{"seq":99,"kind":"ev`...), 0o600))
	life(func(l *Lab, b *browser) {
		s := l.Seats()[0]
		require.Equal(t, []string{path, teacher, id}, []string{s.PagePath(), l.TeacherPath(), s.hub.id})
		_, anew := s.hub.from(id, last)
		require.False(t, anew)
		b.until("what was on the screen", func() bool { return strings.Contains(b.screen.String(), "OK") })
		for n := 1; n <= 4; n++ {
			b.step(n, true)
		}
		s.mu.Lock()
		require.Equal(t, 2, s.world.boots)
		require.True(t, s.world.clientRefused)
		s.mu.Unlock()
		b.do("AT%CMNG=1,24,0", "OK")
		b.do("AT+CFUN=1", "OK")
		b.step(5, true)
		require.Contains(t, b.must("GET", "report.json", nil), `"boots":2`)
		b.begin("crlf")
		b.do("AT%CMNG=1,24,0", "OK")
		b.step(1, true)
	})
	life(func(l *Lab, b *browser) {
		require.Equal(t, "crlf", l.Seats()[0].current().ID)
		require.Equal(t, "mqtt-over-tls", l.Seats()[1].current().ID)
		b.step(1, true)
		b.step(2, false)
	})
	// Of an exercise that is not there any more nothing is left.
	cfg.Exercises = fstest.MapFS{
		"own/lab.md":     {Data: []byte("# Own\nsetup: store 24 0 ca.pem\n\nText.\n")},
		"own/10-step.md": {Data: []byte("# Step\ncheck: stored 24 0 ca.pem\n\nText.\n")},
	}
	life(func(l *Lab, b *browser) {
		require.NotEqual(t, id, l.Seats()[0].hub.id)
		require.Equal(t, "own", l.Seats()[0].current().ID)
		b.step(1, true) // it was prepared
	})
}
