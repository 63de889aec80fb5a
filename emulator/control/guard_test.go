package control

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
)

func TestTCP(t *testing.T) {
	d := newDevice(t)
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		_, err := ListenTCP(d, portPath, addr, false)
		require.Error(t, err, addr)
	}
	s, err := ListenTCP(d, portPath, "127.0.0.1:0", false)
	require.NoError(t, err)
	c, err := DialTCP(s.Addr())
	require.NoError(t, err)
	defer c.Close()
	state, err := c.State(t.Context())
	require.NoError(t, err)
	require.True(t, state.On)
	require.NoError(t, s.Close())
	_, err = DialTCP(s.Addr())
	require.ErrorIs(t, err, ErrNoControl)
}

// A web page must not get through, whatever a browser can be made to send.
func TestGuard(t *testing.T) {
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, tt := range []struct {
		name, method, host string
		header             map[string]string
		unix, allowed      bool
	}{
		{"curl", "POST", "127.0.0.1:9191", nil, false, true},
		{"localhost", "GET", "localhost:9191", nil, false, true},
		{"IPv6", "GET", "[::1]:9191", nil, false, true},
		{"IPv6 without a port", "GET", "[::1]", nil, false, true},
		{"rebound name", "GET", "evil.example:9191", nil, false, false},
		{"name that begins well", "GET", "127.0.0.1.evil.example", nil, false, false},
		{"another host's address", "GET", "192.0.2.1:9191", nil, false, false},
		{"no host", "GET", "", nil, false, false},
		{"form of another site", "POST", "127.0.0.1:9191", map[string]string{"Origin": "https://evil.example"}, false, false},
		{"fetch of another site", "POST", "127.0.0.1:9191", map[string]string{"Sec-Fetch-Site": "cross-site"}, false, false},
		{"unix socket", "POST", "modem", nil, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, "/v1/power/cut", nil)
			r.Host = tt.host
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			new(Server).guard(!tt.unix, ok).ServeHTTP(w, r)
			want := http.StatusForbidden
			if tt.allowed {
				want = http.StatusNoContent
			}
			require.Equal(t, want, w.Code, w.Body)
		})
	}
}

func BenchmarkListen(b *testing.B) {
	b.Setenv("XDG_RUNTIME_DIR", b.TempDir())
	d, err := emulator.New(emulator.Config{})
	require.NoError(b, err)
	for b.Loop() {
		s, err := Listen(d, portPath)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}
