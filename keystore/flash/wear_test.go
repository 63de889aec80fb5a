package flash

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWearOut(t *testing.T) {
	for name, reopened := range map[string]bool{"fresh": false, "image": true} {
		t.Run(name, func(t *testing.T) {
			f := newFlash(t, Options{Pages: 3, Endurance: 5})
			if reopened {
				var err error
				f, err = FromImage(f.Image(), Options{})
				require.NoError(t, err)
			}
			require.NoError(t, f.Erase(1))
			require.NoError(t, f.Program(1, 0, word(7)))
			steps := f.Steps()
			var heard []Op
			f.Observer = func(o Op) { heard = append(heard, o) }
			for range 2 { // the second time it does nothing
				require.NoError(t, f.WearOut(1))
				require.NoError(t, f.WearOut(2))
			}
			require.Equal(t, steps, f.Steps())
			require.Empty(t, heard)
			for page, want := range []PageStats{
				{State: Erased}, {Page: 1, State: Programmed, Erases: 5, Programmed: 1, Used: 1}, {Page: 2, State: Erased, Erases: 5},
			} {
				require.Equal(t, want, f.Page(page))
				require.Equal(t, page > 0, f.Spent(page))
				require.False(t, f.WornOut(page))
			}
			require.False(t, f.Pristine(2))
			require.NoError(t, f.Program(1, 4, word(8)), "it can still be programmed")
			heard = nil

			image, err := FromImage(f.Image(), Options{})
			require.NoError(t, err)
			for _, g := range []*Flash{f.Clone(), image, f} {
				require.Equal(t, f.Page(1), g.Page(1))
				for range 2 {
					require.ErrorIs(t, g.Erase(1), ErrWornOut)
				}
				require.True(t, g.WornOut(1))
				require.True(t, g.Spent(1))
				require.Equal(t, uint32(7), readWord(t, g, 1, 0))
				require.Equal(t, 1, g.Stats().WornPages)
				require.Equal(t, uint64(10), g.Stats().Erases)
			}
			require.Len(t, heard, 1, "one erase was tried")
			require.Equal(t, Op{Kind: OpErase, Page: 1, Erases: 5, Err: heard[0].Err}, heard[0])
			require.ErrorIs(t, heard[0].Err, ErrWornOut)
			require.NoError(t, f.WearOut(1))
			require.True(t, f.WornOut(1), "worn out for good")
		})
	}
	f := newFlash(t, Options{Pages: 2, Endurance: 3})
	for range 3 {
		require.False(t, f.Spent(0))
		require.NoError(t, f.Erase(0))
	}
	require.True(t, f.Spent(0), "without WearOut too")
	for _, page := range []int{-1, 2} {
		require.ErrorIs(t, f.WearOut(page), ErrRange)
		require.False(t, f.Spent(page))
	}
	f = newFlash(t, Options{Pages: 2, Endurance: Endless})
	require.ErrorIs(t, f.WearOut(0), ErrEndless)
	require.False(t, f.Spent(0))
}
