package emulator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/keystore"
)

// Wear, fill and empty in any order: what was filled in can be taken out.
func TestFillStoreWithWornPages(t *testing.T) {
	for name, first := range map[string]bool{"worn, then full": true, "full, then worn": false} {
		t.Run(name, func(t *testing.T) {
			d, err := emulator.New(emulator.Config{})
			require.NoError(t, err)
			defer d.Close()
			require.NoError(t, d.PowerOn())
			wear := func(n int) {
				worn, err := d.Bench().WearOut(n)
				require.NoError(t, err)
				require.Equal(t, n, worn)
				require.Equal(t, n, d.Wear().Flash.WornPages)
			}
			if first {
				wear(2)
			}
			n, err := d.Bench().FillStore()
			require.NoError(t, err)
			require.Positive(t, n)
			k := keystore.Key{SecTag: 1, Type: keystore.PSK}
			_, err = d.Bench().PutCredential(k, []byte("00"))
			require.ErrorIs(t, err, keystore.ErrFull)
			if !first {
				wear(1)
			}
			require.NoError(t, d.Bench().EmptyStore())
			_, err = d.Bench().PutCredential(k, []byte("00"))
			require.NoError(t, err)
		})
	}
}
