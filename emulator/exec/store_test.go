package exec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/cloud/pki"
	"nrf91emu/keystore"
)

// What the modem made, and what was issued for it, is compared by presence and pairing.
func TestCompareStores(t *testing.T) {
	type all = map[keystore.Key]stored
	key, cert, ca := keystore.Key{SecTag: 1, Type: keystore.PrivateKey}, keystore.Key{SecTag: 1, Type: keystore.ClientCertificate},
		keystore.Key{SecTag: 1, Type: keystore.RootCA}
	issue := func() (stored, stored) {
		authority, err := pki.NewCA("CA")
		require.NoError(t, err)
		device, err := authority.Issue(pki.Client)
		require.NoError(t, err)
		private, err := device.KeyPEM()
		require.NoError(t, err)
		return stored{private, true}, stored{device.PEM(), false}
	}
	key1, cert1 := issue()
	key2, cert2 := issue()
	outside := stored{key1.content, false}
	for _, test := range []struct {
		name      string
		want, got all
		diffs     []difference
	}{
		{"the same pair", all{key: key1, cert: cert1}, all{key: key1, cert: cert1}, nil},
		{"another pair", all{key: key1, cert: cert1}, all{key: key2, cert: cert2}, nil},
		{"an old certificate", all{key: key1, cert: cert1}, all{key: key2, cert: cert1}, []difference{{cert, unpaired}}},
		{"no certificate", all{key: key1, cert: cert1}, all{key: key2}, []difference{{cert, missing}}},
		{"no key", all{key: key1, cert: cert1}, all{cert: cert1}, []difference{{key, missing}, {cert, unpaired}}},
		{"a key from outside", all{key: key1}, all{key: outside}, []difference{{key, different}}},
		{"two keys from outside", all{key: outside}, all{key: stored{key2.content, false}}, []difference{{key, different}}},
		{"another CA", all{ca: cert1}, all{ca: cert2}, []difference{{ca, different}}},
		{"one too many", all{}, all{ca: cert2}, []difference{{ca, superfluous}}},
		{"one that did not fit before", all{key: key1, cert: cert2}, all{key: key1, cert: cert2}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.diffs, compareStores(test.want, test.got))
		})
	}
}

func TestRanges(t *testing.T) {
	require.Equal(t, "flash step 3", ranges([]int{3}))
	require.Equal(t, "flash steps 3 to 5", ranges([]int{3, 4, 5}))
	require.Equal(t, "flash steps 1, 3 to 5 and 9", ranges([]int{1, 3, 4, 5, 9}))
}
