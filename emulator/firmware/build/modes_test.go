package build_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
)

// An application that says nothing of modes gets those of its release.
func TestModes(t *testing.T) {
	for release, want := range map[string]struct{ mode, preference string }{
		"2.4": {"LTE_M", "AUTO"}, "2.5": {"LTE_M_GPS", "AUTO"}, "2.6": {"LTE_M_NBIOT_GPS", "LTE_M_PLMN_PRIO"}, "3.3": {"LTE_M_NBIOT_GPS", "LTE_M_PLMN_PRIO"},
	} {
		ncs, err := build.ParseNCS(release)
		require.NoError(t, err)
		dir := application(t, map[string]string{"prj.conf": "CONFIG_NETWORKING=y\nCONFIG_NRF_MODEM_LIB=y\nCONFIG_LTE_LINK_CONTROL=y\n"})
		p, err := build.Load(build.Options{Dir: dir, SDK: firmware.SDK(), NCS: ncs})
		require.NoError(t, err)
		require.True(t, p.Config.Bool("LTE_NETWORK_MODE_"+want.mode), release)
		require.True(t, p.Config.Bool("LTE_MODE_PREFERENCE_"+want.preference), release)
	}
}
