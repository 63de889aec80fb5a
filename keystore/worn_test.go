package keystore

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

// fill writes credentials until not even a short one fits, and adds them to want.
func fill(t *testing.T, s *Store, want image) {
	tag := SecTag(100)
	for _, size := range []int{4000, 1000, 500, 60, 4, 1} {
		for ; ; tag++ {
			op := write(Key{tag, RootCA}, text(size, byte(tag)))
			if err := op.do(s); err != nil {
				require.ErrorIs(t, err, ErrFull)
				break
			}
			op.then(want)
		}
	}
	require.Equal(t, want, contents(t, s))
}

// wear wears out so many pages that are free, or the oldest of the log. Known
// pages have failed to erase already.
func wear(t *testing.T, s *Store, n int, known, logged bool) {
	pages := s.log.free
	if logged {
		pages = s.log.pages
	}
	for _, p := range slices.Clone(pages) {
		if n == 0 {
			return
		}
		if s.log.flash.Spent(int(p)) {
			continue
		}
		n--
		require.NoError(t, s.log.flash.WearOut(int(p)))
		if known {
			require.ErrorIs(t, s.log.flash.Erase(int(p)), flash.ErrWornOut)
		}
	}
	require.Zero(t, n, "pages to wear out")
}

// Pages that have no erase left, whether one has failed already or not, do not
// count as room, and a store that they make too small for what is in it still
// deletes.
func TestFullStoreWithWornPagesDeletes(t *testing.T) {
	tests := []struct {
		known, unknown int // free pages that wear out before the store is filled
		oldest         int // pages of the log that do, so that they are of no use later
		after          int // free pages that do when the store is full
	}{
		{}, {known: 1}, {unknown: 1}, {known: 2}, {unknown: 2}, {known: 3}, {unknown: 3}, {known: 2, unknown: 2},
		{oldest: 1}, {unknown: 2, oldest: 1}, {after: 1}, {known: 1, unknown: 1, after: 1}, {known: 2, unknown: 1, oldest: 1},
	}
	orders := map[string]func([]Key) []Key{
		"oldest first": func(k []Key) []Key { return k },
		"newest first": func(k []Key) []Key { slices.Reverse(k); return k },
		"from inside":  func(k []Key) []Key { return slices.Concat(k[len(k)/2:], k[:len(k)/2]) },
	}
	for _, tt := range tests {
		for order, arrange := range orders {
			for _, used := range []bool{false, true} {
				t.Run(fmt.Sprintf("%+v, %s, used %v", tt, order, used), func(t *testing.T) {
					f := must(flash.New(flash.Options{Pages: 10, Endurance: 200}))
					s, err := Open(f, Rules{}, nil)
					require.NoError(t, err)
					want := image{}
					op := write(keyA, text(1188, 1))
					require.NoError(t, op.do(s))
					op.then(want)
					for i := 0; used && i < 200; i++ {
						require.NoError(t, s.Write(keyB, []byte(text(600, byte(i)))))
						want[keyB.String()] = text(600, byte(i))
					}
					if used { // there is one free page and no more
						wear(t, s, tt.known+tt.unknown+tt.oldest, false, true)
					} else {
						wear(t, s, tt.known, true, false)
						wear(t, s, tt.unknown, false, false)
						wear(t, s, tt.oldest, false, true)
					}
					fill(t, s, want)
					if !used {
						free := s.log.usable(s.log.free)
						require.LessOrEqual(t, s.pagesNeeded(0, 0), len(s.log.pages)+free-2, "no more than fits")
						spent := len(s.log.pages) - s.log.usable(s.log.pages)
						require.GreaterOrEqual(t, free, spare+spent, "spent pages of the log can be reclaimed")
					}
					wear(t, s, min(tt.after, s.log.usable(s.log.free)-spare), false, false)
					var keys []Key
					for e := range s.All() {
						keys = append(keys, e.Key)
					}
					for i, k := range arrange(keys) {
						require.NoError(t, s.Delete(k), "%v, number %d of %d", k, i, len(keys))
						delete(want, k.String())
						if i%5 == 0 {
							s, err = Open(f, Rules{}, nil)
							require.NoError(t, err)
						}
						require.Equal(t, want, contents(t, s))
					}
					require.NoError(t, s.Write(keyC, []byte("room again")))
				})
			}
		}
	}
}

// When the last spare page goes while there is no room for a delete, what has not
// gone with it stays, and the error says so.
func TestDeleteWithoutSpare(t *testing.T) {
	gone := func(tag SecTag) (*flash.Flash, image, error) {
		fl := flow{setup: brim(), fill: -1, worn: 1}
		f, want := fl.prepare(t)
		s := must(Open(f, Rules{}, nil))
		require.NoError(t, f.WearOut(int(s.log.pages[0])))
		err := s.Delete(Key{tag, PSK})
		if err == nil {
			delete(want, Key{tag, PSK}.String())
		}
		require.Equal(t, want, contents(t, s))
		return f, want, err
	}
	for tag, wantErr := range map[SecTag]error{10: nil, 16: ErrFull} {
		f, want, err := gone(tag)
		require.ErrorIs(t, err, wantErr)
		require.Equal(t, want, contents(t, must(Open(f, Rules{}, nil))))
	}
}

// A page that has no erase left is no room even before anybody has tried it.
func TestSpentPageIsNoRoom(t *testing.T) {
	all := brim()
	fl := flow{setup: all[:len(all)-1], fill: -1, worn: 1}
	f, _ := fl.prepare(t)
	s := must(Open(f, Rules{}, nil))
	require.ErrorIs(t, all[len(all)-1].do(s), ErrFull)
	require.False(t, f.WornOut(int(s.log.free[0])), "what does not fit costs nothing")
}

// A page of the log that cannot be erased again is made up for before it is
// reclaimed.
func TestReclaimOfSpentPage(t *testing.T) {
	f := must(flash.New(flash.Options{Pages: 6}))
	s := must(Open(f, Rules{}, nil))
	want := image{}
	for _, op := range brim() {
		require.NoError(t, op.do(s))
		op.then(want)
	}
	require.NoError(t, f.WearOut(int(s.log.pages[0])))
	for i := range 40 {
		op := write(keyC, text(maxPart, byte(i)))
		require.NoError(t, op.do(s))
		op.then(want)
	}
	require.Equal(t, want, contents(t, s))
	require.Equal(t, 1, f.Stats().WornPages)
}

// Histories of a flash up to its end, where pages fail one after the other while
// the store is in use: no credential is lost and none that was deleted comes back,
// at restarts on the way and at the end. NRF91EMU_LONG makes it 10 million steps.
func TestWornHistories(t *testing.T) {
	steps, lives := 0, 0
	least := 100_000 / stride
	if os.Getenv("NRF91EMU_LONG") != "" {
		least = 10_000_000
	}
	for seed := int64(1); steps < least; seed++ {
		steps += wornHistory(t, seed)
		lives++
	}
	t.Logf("%d lives, %d steps", lives, steps)
}

func wornHistory(t *testing.T, seed int64) (steps int) {
	r := rand.New(rand.NewSource(seed))
	f := must(flash.New(flash.Options{Pages: []int{4, 5, 8, 16}[r.Intn(4)], Endurance: 1 + r.Intn(12)}))
	s := must(Open(f, Rules{}, nil))
	want := image{}
	reopen := func() {
		var err error
		s, err = Open(f, Rules{}, nil)
		require.NoError(t, err, "seed %d, step %d", seed, steps)
		got := contents(t, s)
		require.True(t, maps.Equal(want, got), "seed %d, step %d: %v instead of %v", seed, steps, sizes(got), sizes(want))
	}
	refused, restarts := 0, r.Intn(2) == 0
	for refused < 60 && steps < 6000 {
		steps++
		k := Key{SecTag(r.Intn(6)), CredentialType(2 + r.Intn(3))}
		var op operation
		switch _, there := want[k.String()]; {
		case r.Intn(3) > 0:
			op = write(k, text(1+r.Intn(3000), byte(r.Intn(256))))
		case there:
			op = remove(k)
		default:
			continue
		}
		if err := op.do(s); err != nil {
			require.ErrorIs(t, err, ErrFull, "seed %d, step %d, %s", seed, steps, op.name)
			refused++
			continue
		}
		op.then(want)
		refused = 0
		if restarts && r.Intn(100) == 0 {
			reopen()
		}
	}
	reopen()
	return steps
}

func sizes(w image) map[string]int {
	m := map[string]int{}
	for k, v := range w {
		m[k] = len(v)
	}
	return m
}

// The last part of a content is written last, and goes last when pages are reclaimed.
// Where it is alone, the credential was deleted without a record of that, and an older
// content behind it does not come back; where it is missing, the content was never
// complete, and the older one counts.
func TestLatest(t *testing.T) {
	k := Key{7, RootCA}
	part := func(id uint32, n, of int) found {
		return found{record: record{kind: kindCredential, key: k, id: id, part: uint8(n), parts: uint8(of), length: 10, total: uint16(10 * of), writes: id}}
	}
	gone := found{record: record{kind: kindDelete, key: k, id: 4, parts: 1, writes: 3}}
	for name, c := range map[string]struct {
		group   []found
		reset   uint32
		id      uint32 // of the content that counts; 0 for none
		deleted bool
	}{
		"whole":                       {[]found{part(5, 0, 2), part(5, 1, 2)}, 0, 5, false},
		"newest of two":               {[]found{part(5, 0, 1), part(3, 0, 1)}, 0, 5, false},
		"being written":               {[]found{part(5, 0, 3), part(5, 1, 3), part(3, 0, 1)}, 0, 3, false},
		"last part alone":             {[]found{part(5, 2, 3), part(3, 0, 1)}, 0, 0, true},
		"last two alone":              {[]found{part(5, 1, 3), part(5, 2, 3), part(3, 0, 1)}, 0, 0, true},
		"written after a delete":      {[]found{part(5, 0, 1), gone, part(3, 0, 1)}, 0, 5, false},
		"being written after it":      {[]found{part(5, 0, 2), gone, part(3, 0, 1)}, 0, 0, true},
		"before a reset":              {[]found{part(3, 0, 1)}, 3, 0, false},
		"being written after a reset": {[]found{part(5, 0, 2), part(3, 0, 1)}, 4, 0, false},
	} {
		e, deleted := latest(c.group, c.reset)
		require.Equal(t, c.deleted, deleted, name)
		require.Equal(t, c.id, e.id, name)
		require.Equal(t, c.id != 0, len(e.parts) > 0, name)
	}
}
