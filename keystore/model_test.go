package keystore

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nrf91emu/keystore/flash"
)

// TestAgainstMap holds the store against a map over random histories: writes of
// all sizes, deletes, generated keys, settings, factory resets, restarts, and
// power cuts in the middle of any of these.
func TestAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, err := flash.New(flash.Options{
			Pages:     rapid.IntRange(minPages, 8).Draw(t, "pages"),
			Endurance: flash.Endless,
		})
		require.NoError(t, err)
		m := &machine{flash: f, want: image{}}
		m.open(t)
		for range rapid.IntRange(10, 150).Draw(t, "operations") {
			m.step(t)
		}
		m.restart(t)
	})
}

type machine struct {
	flash *flash.Flash
	store *Store
	want  image
}

func (m *machine) open(t *rapid.T) {
	var err error
	m.store, err = Open(m.flash, Rules{}, nil)
	require.NoError(t, err)
}

func (m *machine) restart(t *rapid.T) {
	m.open(t)
	got := contentsOf(t, m.store)
	if !maps.Equal(got, m.want) {
		t.Fatalf("after a restart the store holds\n%v\nwant\n%v", got, m.want)
	}
}

// step does one random operation, perhaps with a power cut in it.
func (m *machine) step(t *rapid.T) {
	op := m.draw(t)
	cut := rapid.IntRange(0, 9).Draw(t, "cut") == 0
	if cut {
		m.flash.CutAt(rapid.IntRange(0, 400).Draw(t, "at"), flash.Tear(rapid.IntRange(0, flash.Tears-1).Draw(t, "tear")))
	}
	live := m.store.live
	after := maps.Clone(m.want)
	err := op.do(m.store)
	if err == nil {
		op.then(after)
	}
	if m.flash.Powered() {
		m.flash.CutAt(-1, 0)
		if errors.Is(err, ErrFull) {
			// It may be full, but not before it has to be.
			usable := (m.flash.Pages() - 2) * (pageRoom - maxRecord)
			if live+maxAdded < usable {
				t.Fatalf("%s: full with %d bytes in use: %v", op.name, live, err)
			}
			return
		}
		require.NoError(t, err, op.name)
		m.want = after
		return
	}
	m.flash.PowerOn()
	m.open(t)
	got := contentsOf(t, m.store)
	if err == nil || maps.Equal(got, m.want) {
		if err == nil { // cut in a later step than the last one of the operation: cannot be
			t.Fatalf("%s succeeded although the power was cut", op.name)
		}
		return
	}
	op.then(after)
	if !maps.Equal(got, after) {
		t.Fatalf("%s, cut: the store holds\n%v\nbefore\n%v\nafter\n%v", op.name, got, m.want, after)
	}
	m.want = after
}

// maxAdded is the most that one operation of the test adds.
const maxAdded = 5000

func (m *machine) draw(t *rapid.T) operation {
	k := Key{SecTag(rapid.IntRange(0, 3).Draw(t, "tag")), CredentialType(rapid.IntRange(0, 4).Draw(t, "type"))}
	_, exists := m.want[k.String()]
	switch n := rapid.IntRange(0, 99).Draw(t, "operation"); {
	case n < 50:
		size := rapid.OneOf(rapid.IntRange(1, 100), rapid.IntRange(900, 1100), rapid.IntRange(1, 4500)).Draw(t, "size")
		return write(k, text(size, rapid.Byte().Draw(t, "seed")))
	case n < 70 && exists:
		return remove(k)
	case n < 75 && !exists && k.Type == PrivateKey:
		content := text(121, rapid.Byte().Draw(t, "seed"))
		return operation{"generate", func(s *Store) error { return s.PutGenerated(k, []byte(content)) },
			func(w image) { w[k.String()] = content }}
	case n < 90:
		return save(fmt.Sprint("s", rapid.IntRange(0, 3).Draw(t, "name")), text(rapid.IntRange(0, 40).Draw(t, "size"), 1))
	case n < 92:
		return reset()
	case n < 94:
		return operation{"reset settings", func(s *Store) error { return s.FactoryReset(false) },
			func(w image) {
				for k := range w {
					if k[0] == 's' {
						delete(w, k)
					}
				}
			}}
	default:
		return operation{"restart", func(s *Store) error { m.restart(t); return nil }, func(image) {}}
	}
}

// contentsOf is contents for a rapid test.
func contentsOf(t *rapid.T, s *Store) image {
	got := image{}
	for e := range s.All() {
		c, err := s.Secret(e.Key)
		require.NoError(t, err)
		require.Equal(t, digestOf(c), e.Digest)
		got[e.Key.String()] = string(c)
	}
	for _, name := range s.Settings() {
		v, _ := s.Setting(name)
		got["setting "+name] = string(v)
	}
	return got
}

// TestFullStoreStillDeletes fills the store to the brim, over and over, with
// contents of random sizes, and expects that deleting always works and gives
// the room back.
func TestFullStoreStillDeletes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, err := flash.New(flash.Options{Pages: rapid.IntRange(minPages, 7).Draw(t, "pages"), Endurance: flash.Endless})
		require.NoError(t, err)
		s, err := Open(f, Rules{}, nil)
		require.NoError(t, err)
		for range 5 {
			want := image{}
			for tag := SecTag(0); ; tag++ {
				op := write(Key{tag % 40, RootCA}, text(rapid.IntRange(1, 3000).Draw(t, "size"), byte(tag)))
				if err := op.do(s); err != nil {
					require.ErrorIs(t, err, ErrFull)
					break
				}
				op.then(want)
				if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
					s, err = Open(f, Rules{}, nil)
					require.NoError(t, err)
				}
			}
			require.Equal(t, want, contentsOf(t, s))
			for s.Len() > 0 {
				var k Key
				n := rapid.IntRange(0, s.Len()-1).Draw(t, "which")
				for e := range s.All() {
					if k = e.Key; n == 0 {
						break
					}
					n--
				}
				require.NoError(t, s.Delete(k))
			}
			require.Zero(t, s.live)
		}
	})
}
