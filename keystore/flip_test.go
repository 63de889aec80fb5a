package keystore

import (
	"maps"
	"math/rand"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

// Any single bit of what the store has programmed may be wrong: then everything
// is there all the same, or the store says that it is damaged. Nothing is lost in
// silence, and nothing that was deleted comes back.
func TestFlippedBits(t *testing.T) {
	const pages = 6
	f := must(flash.New(flash.Options{Pages: pages}))
	s := must(Open(f, Rules{}, nil))
	for i := range 40 {
		k := Key{SecTag(i * 7 % 4), CredentialType(2 + i%3)}
		require.NoError(t, s.Write(k, []byte(text(1+i*397%1800, byte(i)))))
		if i%5 == 4 {
			require.NoError(t, s.Delete(k))
		}
		if i%8 == 0 {
			require.NoError(t, s.SaveSettings(map[string][]byte{"a": {byte(i)}}))
		}
	}
	want := contents(t, s)
	require.NotEmpty(t, want)
	var live []int // bits of pages of the log
	for _, p := range s.log.pages {
		for bit := range flash.PageSize * 8 {
			live = append(live, int(p)*flash.PageSize*8+bit)
		}
	}
	r := rand.New(rand.NewSource(1))
	r.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	n := 3000 / stride
	if os.Getenv("NRF91EMU_EXHAUSTIVE") != "" {
		n = len(live)
	}
	for _, p := range s.log.pages { // all of the page headers and the first record's
		for bit := range (pageHeaderSize + headerSize) * 8 {
			live = append([]int{int(p)*flash.PageSize*8 + bit}, live...)
			n++
		}
	}
	refused := 0
	for _, bit := range live[:n] {
		g := flipped(t, f, bit)
		again, err := Open(g, Rules{}, nil)
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			refused++
			continue
		}
		if got := contents(t, again); !maps.Equal(got, want) {
			t.Errorf("page %d, offset %d, bit %d: %v instead of %v", bit/8/flash.PageSize, bit/8%flash.PageSize, bit%8, got, want)
		}
		if bit/8%flash.PageSize >= pageHeaderSize {
			continue
		}
		// The page is reclaimed, too, like any other.
		for i := byte(0); slices.Contains(again.log.pages, uint16(bit/8/flash.PageSize)); i++ {
			require.NoError(t, again.Write(keyFill, []byte(text(maxPart, i))))
		}
		now := contents(t, again)
		again, err = Open(g, Rules{}, nil)
		require.NoError(t, err)
		require.Equalf(t, now, contents(t, again), "page %d, offset %d, bit %d, after the page was reclaimed", bit/8/flash.PageSize, bit/8%flash.PageSize, bit%8)
	}
	t.Logf("%d of %d refused", refused, n)
	require.Greater(t, refused, n/10)
}

// flipped returns a copy of a flash in which one bit is another.
func flipped(t *testing.T, f *flash.Flash, bit int) *flash.Flash {
	g := must(flash.New(flash.Options{Pages: f.Pages()}))
	buf := make([]byte, flash.PageSize)
	for p := range f.Pages() {
		require.NoError(t, f.Read(p, 0, buf))
		if bit/8/flash.PageSize == p {
			buf[bit/8%flash.PageSize] ^= 1 << (bit % 8)
		}
		if !erased(buf) {
			require.NoError(t, g.Program(p, 0, buf))
		}
	}
	return g
}
