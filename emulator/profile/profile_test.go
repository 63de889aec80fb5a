package profile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/profile"
)

func TestProfiles(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range profile.All() {
		require.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		got, err := profile.Lookup(strings.ToUpper(p.Name))
		require.NoError(t, err)
		require.Equal(t, p.Revision, got.Revision)
		id := profile.NewIdentity(&p, 1)
		require.NoError(t, profile.CheckIMEI(id.IMEI))
	}
	_, err := profile.Lookup("nrf52")
	require.ErrorContains(t, err, profile.Default)
}
