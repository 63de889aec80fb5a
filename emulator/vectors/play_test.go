package vectors_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

// Twenty minutes pass at once, outside of a test's own bubble.
func TestPlay(t *testing.T) {
	s, err := testvectors.Parse("wait.txt", []byte("# Twenty minutes.\n\nchosen by this test\nwait 10m\nwait 10m\n> AT\n< OK\n> AT+CFUN?\n< +CFUN: 4\n< OK\n"))
	require.NoError(t, err)
	p, err := profile.Lookup(profile.Default)
	require.NoError(t, err)
	d, err := dialects.Lookup(dialects.Default)
	require.NoError(t, err)
	start := time.Now()
	r, err := vectors.Play(s, p, d, 5*time.Second, 100*time.Millisecond)
	require.NoError(t, err)
	require.Less(t, time.Since(start), time.Minute)
	require.Len(t, r.Differences, 1)
}
