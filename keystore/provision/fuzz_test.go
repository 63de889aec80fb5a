package provision

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore"
)

// FuzzAnswers holds that no answer of a modem makes the parsers panic, and that a
// list line made of what was read reads the same.
func FuzzAnswers(f *testing.F) {
	digest := keystore.Digest(sha256.Sum256(nil)).String()
	for _, line := range []string{
		`%CMNG: 24,0,"` + digest + `"`, `%CMNG: 4294967295, 255, "` + digest + `"`, "%CMNG: 24,2", "%CMNG:", "+CMEE: 1",
		`%CMNG: 24,0,"` + digest + "\",\"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n\"", `%CMNG: 1,2,""`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if stored, err := content([]string{line}, keystore.Key{}); err == nil {
			require.NotContains(t, string(stored), `"`)
		}
		entries, err := parseList([]string{line})
		if err != nil {
			return
		}
		for _, e := range entries {
			again, err := parseList([]string{"%CMNG: " + e.Key.String() + `,"` + e.Digest.String() + `"`})
			require.NoError(t, err)
			require.Len(t, again, 1)
			require.Equal(t, e.Key, again[0].Key)
			require.Equal(t, e.Digest, again[0].Digest)
		}
	})
}
