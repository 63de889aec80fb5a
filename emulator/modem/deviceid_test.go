package modem_test

import (
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

func TestDeviceKey(t *testing.T) {
	p, err := profile.Lookup("nrf9151-2.0.4")
	require.NoError(t, err)
	first, again, other := profile.NewIdentity(&p, 0), profile.NewIdentity(&p, 0), profile.NewIdentity(&p, 1)
	require.True(t, modem.DeviceKey(&first).Equal(modem.DeviceKey(&again)), "the same device has the same key")
	require.False(t, modem.DeviceKey(&first).Equal(modem.DeviceKey(&other)))
	again.IMEI = "" // which an nRF91x1 may get later
	require.True(t, modem.DeviceKey(&first).Equal(modem.DeviceKey(&again)))
	again.DeviceUUID = ""
	require.False(t, modem.DeviceKey(&first).Equal(modem.DeviceKey(&again)))
}

func TestSystemCredentials(t *testing.T) {
	p, err := profile.Lookup("nrf9151-2.0.4")
	require.NoError(t, err)
	id := profile.NewIdentity(&p, 0)
	der, err := x509.MarshalPKIXPublicKey(modem.DeviceKey(&id))
	require.NoError(t, err)
	entries := modem.SystemCredentials(&p, &id)
	require.Len(t, entries, 3)
	require.Equal(t, keystore.Key{SecTag: keystore.DeviceKeyTag, Type: keystore.DeviceIdentityPublicKey}, entries[1].Key)
	require.Equal(t, keystore.Digest(sha256.Sum256(der)), entries[1].Digest)
	old, err := profile.Lookup("nrf9160-1.2.7")
	require.NoError(t, err)
	require.Empty(t, modem.SystemCredentials(&old, &id))
}

func BenchmarkSystemCredentials(b *testing.B) {
	p, err := profile.Lookup("nrf9151-2.0.4")
	require.NoError(b, err)
	id := profile.NewIdentity(&p, 0)
	for b.Loop() {
		modem.SystemCredentials(&p, &id)
	}
}
