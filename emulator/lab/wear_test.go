package lab

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/control"
)

// A curve that is kept is bounded, and one that cannot be of this flash begins anew.
func TestWearCurve(t *testing.T) {
	const last = 2*maxWear - 5
	path := filepath.Join(t.TempDir(), "wear-1.json")
	c := readWear(path, &control.Wear{Starts: 1})
	for n := uint64(2); n <= last; n++ {
		require.LessOrEqual(t, len(c.add(&control.Wear{Starts: n, Programmed: n})), maxWear)
	}
	c.add(&control.Wear{Starts: last, Programmed: last + 5}) // more in the same start
	c.write()
	require.NoError(t, c.err)
	require.Equal(t, wearPoint{last, last + 5, 0}, c.points[len(c.points)-1])

	after := readWear(path, &control.Wear{Starts: last + 1, Programmed: last + 9})
	require.Equal(t, append(c.points, wearPoint{last + 1, last + 9, 0}), after.points)
	require.Len(t, readWear(path, &control.Wear{Starts: 1}).points, 1, "a new flash in the same folder")
	for _, text := range []string{"", "[", `[{"start":1},{"start":1}]`, `[{"start":1,"erases":1}]`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.Equal(t, []wearPoint{{2, 7, 0}}, readWear(path, &control.Wear{Starts: 2, Programmed: 7}).points, text)
	}
	require.Equal(t, []wearPoint{{Start: 1}}, readWear("", &control.Wear{Starts: 1}).points)
	c = readWear(filepath.Join(path, "nowhere"), &control.Wear{Starts: 1})
	require.Error(t, c.err, "a disk that is full does not end the lab, but is told at its end")
}
