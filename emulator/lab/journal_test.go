package lab

import (
	"bytes"
	"encoding/json"
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
	var curve []wearPoint
	wear := func(b *browser) (w struct{ Curve []wearPoint }) {
		json.Unmarshal(b.latest["wear"], &w)
		return w
	}
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
		b.must("POST", "v1/power/cycle", nil)
		b.until("a start on the curve", func() bool {
			curve = wear(b).Curve
			return len(curve) == 3 && curve[0].Programmed < curve[2].Programmed // the lab's first exercise begins with a start
		})
		_, last, _ = s.hub.after(0)
	})
	// It was killed while it wrote.
	file := filepath.Join(cfg.Dir, "seat-1.jsonl")
	half, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(half), "PRIVATE KEY")
	half = bytes.Replace(half, []byte(`"mqtt-over-tls"}`), []byte(`"mqtt-over-tls","cut":true}`), 1) // it was long
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
		require.Equal(t, 3, s.world.boots)
		require.True(t, s.world.clientRefused)
		s.mu.Unlock()
		b.do("AT%CMNG=1,24,0", "OK")
		b.do("AT+CFUN=1", "OK")
		b.step(5, true)
		require.Contains(t, b.must("GET", "report.json", nil), `"boots":3`)
		b.until("the curve goes on", func() bool { return len(wear(b).Curve) == 4 })
		require.Equal(t, curve, wear(b).Curve[:3])
		require.Regexp(t, `(?s)MQTT over TLS, seat 1:.*not kept any more.*> AT\n.*> AT%CMNG=0,24,0,.*-- power on\n.*-- power on\n.*> AT\+CFUN=1`, b.must("GET", "transcript.txt", nil))
		b.begin("crlf")
		b.do("AT%CMNG=1,24,0", "OK")
		b.step(1, true)
	})
	life(func(l *Lab, b *browser) {
		require.Equal(t, "crlf", l.Seats()[0].current().ID)
		b.until("the curve goes on", func() bool { w := wear(b).Curve; return len(w) == 6 && w[0] == curve[0] })
		require.NotContains(t, b.must("GET", "transcript.txt", nil), "> AT%CMNG=0,24,0", "another exercise has begun since")
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
