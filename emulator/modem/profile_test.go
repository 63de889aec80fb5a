package modem_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
)

func TestProfiles(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range modem.Profiles() {
		require.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		got, err := modem.LookupProfile(strings.ToUpper(p.Name))
		require.NoError(t, err)
		require.Equal(t, p.Revision, got.Revision)
		id := modem.NewIdentity(&p, 1)
		require.NoError(t, modem.CheckIMEI(id.IMEI))
	}
	_, err := modem.LookupProfile("nrf52")
	require.ErrorContains(t, err, modem.DefaultProfile)
}
