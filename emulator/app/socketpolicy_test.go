package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/apptest"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
)

// What the modem's sockets can do depends on firmware and application.
func TestSocketPolicy(t *testing.T) {
	d := apptest.Dialect(t, "serial-modem")
	policy := func(name string) *socket.Policy {
		p, err := profile.Lookup(name)
		require.NoError(t, err)
		return app.SocketPolicy(&p, d)
	}
	old := policy("nrf9160-1.1.5")
	require.False(t, old.SendServerName)
	require.Contains(t, old.CipherSuites, uint16(0xC02B))
	require.Contains(t, old.Unsupported, socket.DTLSHandshakeTimeout)
	require.True(t, policy("nrf9160-1.2.7").SendServerName)
	require.NotContains(t, policy("nrf9160-1.2.1").CipherSuites, uint16(0xC02B))
	require.Contains(t, policy("nrf9160-1.2.7").CipherSuites, uint16(0xC02B))
	require.NotContains(t, policy("nrf9160-1.3.0").CipherSuites, uint16(0xC02B))
	require.Contains(t, policy("nrf9160-1.3.1").CipherSuites, uint16(0xC02B))
	require.NotContains(t, policy("nrf9160-1.3.5").Unsupported, socket.DTLSConnectionID)
	require.Contains(t, policy("nrf9160-1.3.7").Unsupported, socket.CipherSuiteUsed)
	require.Equal(t, []socket.Option{socket.KeepOpen}, policy("nrf9151-2.0.0").Unsupported)
	require.Empty(t, policy("nrf9151-2.0.4").Unsupported)
}
