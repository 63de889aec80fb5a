package contents

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/cloud/pki"
	"nrf91emu/keystore"
)

// What the modem made, and what was issued for it, is compared by presence and pairing.
func TestCompare(t *testing.T) {
	key, cert, ca := keystore.Key{SecTag: 1, Type: keystore.PrivateKey}, keystore.Key{SecTag: 1, Type: keystore.ClientCertificate},
		keystore.Key{SecTag: 1, Type: keystore.RootCA}
	issue := func() (Entry, Entry) {
		authority, err := pki.NewCA("CA")
		require.NoError(t, err)
		device, err := authority.Issue(pki.Client)
		require.NoError(t, err)
		private, err := device.KeyPEM()
		require.NoError(t, err)
		return Entry{private, true}, Entry{device.PEM(), false}
	}
	key1, cert1 := issue()
	key2, cert2 := issue()
	outside := Entry{key1.Content, false}
	for _, test := range []struct {
		name      string
		want, got All
		diffs     []Difference
	}{
		{"the same pair", All{key: key1, cert: cert1}, All{key: key1, cert: cert1}, nil},
		{"another pair", All{key: key1, cert: cert1}, All{key: key2, cert: cert2}, nil},
		{"an old certificate", All{key: key1, cert: cert1}, All{key: key2, cert: cert1}, []Difference{{cert, Unpaired}}},
		{"no certificate", All{key: key1, cert: cert1}, All{key: key2}, []Difference{{cert, Missing}}},
		{"no key", All{key: key1, cert: cert1}, All{cert: cert1}, []Difference{{key, Missing}, {cert, Unpaired}}},
		{"a key from outside", All{key: key1}, All{key: outside}, []Difference{{key, Different}}},
		{"two keys from outside", All{key: outside}, All{key: Entry{key2.Content, false}}, []Difference{{key, Different}}},
		{"another CA", All{ca: cert1}, All{ca: cert2}, []Difference{{ca, Different}}},
		{"one too many", All{}, All{ca: cert2}, []Difference{{ca, Superfluous}}},
		{"one that did not fit before", All{key: key1, cert: cert2}, All{key: key1, cert: cert2}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.diffs, Compare(test.want, test.got))
		})
	}
}
