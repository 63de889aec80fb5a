package keys_test

import (
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem/keys"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

func TestDeviceKey(t *testing.T) {
	p, err := profile.Lookup("nrf9151-2.0.4")
	require.NoError(t, err)
	first, again, other := profile.NewIdentity(&p, 0), profile.NewIdentity(&p, 0), profile.NewIdentity(&p, 1)
	require.True(t, keys.DeviceKey(&first).Equal(keys.DeviceKey(&again)), "the same device has the same key")
	require.False(t, keys.DeviceKey(&first).Equal(keys.DeviceKey(&other)))
	again.IMEI = "" // which an nRF91x1 may get later
	require.True(t, keys.DeviceKey(&first).Equal(keys.DeviceKey(&again)))
	again.DeviceUUID = ""
	require.False(t, keys.DeviceKey(&first).Equal(keys.DeviceKey(&again)))
}

func TestSystem(t *testing.T) {
	p, err := profile.Lookup("nrf9151-2.0.4")
	require.NoError(t, err)
	id := profile.NewIdentity(&p, 0)
	der, err := x509.MarshalPKIXPublicKey(keys.DeviceKey(&id))
	require.NoError(t, err)
	entries := keys.System(&p, &id)
	require.Len(t, entries, 3)
	require.Equal(t, keystore.Key{SecTag: keystore.DeviceKeyTag, Type: keystore.DeviceIdentityPublicKey}, entries[1].Key)
	require.Equal(t, keystore.Digest(sha256.Sum256(der)), entries[1].Digest)
	old, err := profile.Lookup("nrf9160-1.2.7")
	require.NoError(t, err)
	require.Empty(t, keys.System(&old, &id))
}

func BenchmarkSystem(b *testing.B) {
	p, err := profile.Lookup("nrf9151-2.0.4")
	require.NoError(b, err)
	id := profile.NewIdentity(&p, 0)
	for b.Loop() {
		keys.System(&p, &id)
	}
}
