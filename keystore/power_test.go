package keystore

import (
	"crypto/sha256"
	"errors"
	"maps"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

// image is all that a store holds, as text: what a test compares.
type image map[string]string

// contents reads everything out of a store.
func contents(t testing.TB, s *Store) image {
	got := image{}
	for e := range s.All() {
		if e.System {
			continue
		}
		c, err := s.Secret(e.Key)
		require.NoError(t, err)
		require.Equal(t, digestOf(c), e.Digest)
		got[e.Key.String()] = string(c)
	}
	for _, name := range s.Settings() {
		v, _ := s.Setting(name)
		got["setting "+name] = string(v)
	}
	checkInvariants(t, s)
	return got
}

// checkInvariants holds the parts of a store against each other.
func checkInvariants(t testing.TB, s *Store) {
	live := s.settings.footprint()
	for i := range s.entries {
		live += s.entries[i].footprint()
	}
	worn := s.log.flash.Stats().WornPages
	switch {
	case live != s.live:
		t.Fatalf("live bytes: counted %d, kept %d", live, s.live)
	case len(s.log.pages)+len(s.log.free)+len(s.log.stale)+worn != s.log.flash.Pages():
		t.Fatalf("pages: %d in the log, %d free, %d worn out of %d", len(s.log.pages), len(s.log.free), worn, s.log.flash.Pages())
	case len(s.log.free)+len(s.log.stale) < spare && worn == 0:
		t.Fatal("no spare page")
	}
}

// operation is one call that changes a store.
type operation struct {
	name string
	do   func(*Store) error
	// then changes what is expected in the same way.
	then func(image)
}

func write(k Key, content string) operation {
	return operation{"write " + k.String(),
		func(s *Store) error { return s.Write(k, []byte(content)) },
		func(m image) { m[k.String()] = content }}
}

func remove(k Key) operation {
	return operation{"delete " + k.String(),
		func(s *Store) error { return s.Delete(k) },
		func(m image) { delete(m, k.String()) }}
}

func save(name, value string) operation {
	return operation{"save " + name,
		func(s *Store) error { return s.SaveSettings(map[string][]byte{name: []byte(value)}) },
		func(m image) { m["setting "+name] = value }}
}

func reset() operation {
	return operation{"factory reset",
		func(s *Store) error { return s.FactoryReset(true) },
		func(m image) { clear(m) }}
}

func text(n int, seed byte) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + (seed+byte(i%251*7))%26
	}
	return string(b)
}

var (
	keyA = Key{24, RootCA}
	keyB = Key{24, PrivateKey}
	keyC = Key{25, PSK}
	keyD = Key{26, PSKIdentity}
)

// flow is a story in which the power is cut: the store before, and what is
// done when it happens.
type flow struct {
	name  string
	setup []operation
	// fill rewrites a credential until so many bytes or fewer are left before
	// the next page has to be reclaimed.
	fill  int
	worn  int // free pages that wear out after that
	steps []operation
	pairs bool // short enough for every pair of cuts
}

var keyFill = Key{99, PSK}

func flows() []flow {
	few := []operation{write(keyA, text(60, 1)), write(keyC, text(20, 2)), save("mode", "1,0,1,0")}
	return []flow{
		{name: "first write", steps: []operation{write(keyA, text(60, 1))}, fill: -1, pairs: true},
		{name: "write", setup: few, steps: []operation{write(keyB, text(33, 3))}, fill: -1, pairs: true},
		{name: "replace", setup: few, steps: []operation{write(keyA, text(61, 4))}, fill: -1, pairs: true},
		{name: "delete", setup: few, steps: []operation{remove(keyA), remove(keyC)}, fill: -1, pairs: true},
		{name: "settings", setup: few, steps: []operation{save("mode", "0,1,1,0"), save("psm", "1")}, fill: -1, pairs: true},
		{name: "factory reset", setup: few, steps: []operation{reset(), write(keyC, "x")}, fill: -1, pairs: true},
		{name: "replace with reclaim", setup: few, fill: 60, steps: []operation{write(keyA, text(64, 5))}, pairs: true},
		{name: "delete with reclaim", setup: few, fill: 20, steps: []operation{remove(keyC)}, pairs: true},
		{name: "settings with reclaim", setup: few, fill: 20, steps: []operation{save("mode", "9")}, pairs: true},
		{name: "factory reset with reclaim", setup: few, fill: 20, steps: []operation{reset(), write(keyD, "y")}, pairs: true},
		{name: "delete, then reclaim its page", setup: append(few[:3:3], write(keyD, text(40, 6)), remove(keyD)), fill: 30,
			steps: []operation{write(keyB, text(40, 7)), remove(keyB)}, pairs: true},
		{name: "many parts", setup: few, steps: []operation{write(keyB, text(2500, 8)), write(keyB, text(2600, 9)), remove(keyB)}, fill: -1},
		{name: "many parts with reclaim", setup: append(few[:3:3], write(keyB, text(2500, 8))), fill: 500,
			steps: []operation{write(keyB, text(2600, 9)), write(keyA, text(1188, 10))}},
		{name: "delete without room for the record", setup: brim(), fill: -1, worn: 1,
			steps: []operation{remove(keyB), remove(Key{16, PSK}), remove(Key{10, PSK}), remove(Key{11, PSK})}},
	}
}

// brim fills all but two of the pages to the last byte, with keyB on both sides
// of a page boundary.
func brim() []operation {
	var all []operation
	for tag := SecTag(10); tag < 17; tag++ {
		if tag == 13 {
			all = append(all, write(keyB, text(2*maxPart, 13)))
			continue
		}
		all = append(all, write(Key{tag, PSK}, text(maxPart, byte(tag))))
	}
	return all
}

// prepare returns a flash with the store of a flow in it, and what it holds.
func (fl flow) prepare(t *testing.T) (*flash.Flash, image) {
	f, err := flash.New(flash.Options{Pages: minPages})
	require.NoError(t, err)
	s, err := Open(f, Rules{}, nil)
	require.NoError(t, err)
	want := image{}
	do := func(op operation) {
		require.NoError(t, op.do(s), op.name)
		op.then(want)
	}
	for _, op := range fl.setup {
		do(op)
	}
	if fl.fill >= 0 {
		for i := byte(0); len(s.log.free) > spare || flash.PageSize-s.log.end > fl.fill; i++ {
			n := 200
			if left := flash.PageSize - s.log.end; len(s.log.free) == spare {
				n = max(1, min(n, left-fl.fill-overhead))
			}
			do(write(keyFill, text(n, i)))
		}
	}
	require.Equal(t, want, contents(t, s))
	for _, p := range s.log.free[:fl.worn] {
		require.NoError(t, f.WearOut(int(p)))
	}
	return f, want
}

// run opens the store in a flash and does the steps from number first on until
// one fails. It returns how many were done and checks that the failure, if
// any, is the power cut.
func (fl flow) run(t *testing.T, f *flash.Flash, first int) (done int) {
	s, err := Open(f, Rules{}, nil)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	for i, op := range fl.steps[first:] {
		if err := op.do(s); err != nil {
			if !errors.Is(err, flash.ErrPowerCut) {
				t.Fatalf("%s: %v", op.name, err)
			}
			if again := op.do(s); !errors.Is(again, ErrReopen) {
				t.Fatalf("%s on an interrupted store: %v", op.name, again)
			}
			return first + i
		}
	}
	return len(fl.steps)
}

// settle gives the power back and finds out whether step number done, which was
// interrupted, has happened. It fails unless everything is as before the step
// or as after it.
func (fl flow) settle(t *testing.T, f *flash.Flash, want image, done int) (now int) {
	f.PowerOn()
	s, err := Open(f, Rules{}, nil)
	if err != nil {
		t.Fatalf("open after the cut: %v", err)
	}
	got := contents(t, s)
	if maps.Equal(got, want) {
		return done
	}
	if done < len(fl.steps) {
		fl.steps[done].then(want)
		if maps.Equal(got, want) {
			return done + 1
		}
	}
	t.Fatalf("after step %d was interrupted, the store holds neither the old nor the new content:\n%v\nwant\n%v", done, got, want)
	return 0
}

// finish does what is left, and shows that the store works.
func (fl flow) finish(t *testing.T, f *flash.Flash, want image, done int) {
	s, err := Open(f, Rules{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range append(fl.steps[done:len(fl.steps):len(fl.steps)], write(Key{1, RootCA}, "still works")) {
		if err := op.do(s); err != nil {
			t.Fatalf("%s after the cut: %v", op.name, err)
		}
		op.then(want)
	}
	if got := contents(t, s); !maps.Equal(got, want) {
		t.Fatalf("in the end the store holds\n%v\nwant\n%v", got, want)
	}
	s, err = Open(f, Rules{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := contents(t, s); !maps.Equal(got, want) {
		t.Fatalf("opened again the store holds\n%v\nwant\n%v", got, want)
	}
}

func (fl flow) expected(want image, done int) image {
	want = maps.Clone(want)
	for _, op := range fl.steps[:done] {
		op.then(want)
	}
	return want
}

// TestPowerCutAtEveryStep cuts the power in every step of every flow, with
// every way in which the step may be torn.
func TestPowerCutAtEveryStep(t *testing.T) {
	total := 0
	for _, fl := range flows() {
		t.Run(fl.name, func(t *testing.T) {
			base, want := fl.prepare(t)
			cuts := 0
			for n := 0; ; n += stride {
				finished := false
				for tear := range flash.Tears {
					f := base.Clone()
					f.CutAt(n, flash.Tear(tear))
					done := fl.run(t, f, 0)
					if f.Powered() {
						finished = true
						break
					}
					cuts++
					now := fl.expected(want, done)
					done = fl.settle(t, f, now, done)
					fl.finish(t, f, now, done)
				}
				if finished {
					break
				}
			}
			require.NotZero(t, cuts)
			t.Logf("%d cut points", cuts)
			total += cuts
		})
	}
	t.Logf("%d cut points in all", total)
}

// TestPowerCutAtEveryPairOfSteps cuts the power in every step, and once more in
// every step of what follows: opening, the interrupted operation again, and
// the rest. The tears of the two cuts take turns; with NRF91EMU_EXHAUSTIVE set
// every one is tried with every other, which takes minutes.
func TestPowerCutAtEveryPairOfSteps(t *testing.T) {
	every := os.Getenv("NRF91EMU_EXHAUSTIVE") != ""
	total := 0
	for _, fl := range flows() {
		if !fl.pairs {
			continue
		}
		t.Run(fl.name, func(t *testing.T) {
			base, want := fl.prepare(t)
			cuts := 0
			for n := 0; ; n += stride {
				finished := false
				for first := range flash.Tears {
					if !every && first != n%flash.Tears && first != (n+4)%flash.Tears {
						continue
					}
					one := base.Clone()
					one.CutAt(n, flash.Tear(first))
					done := fl.run(t, one, 0)
					if finished = one.Powered(); finished {
						break
					}
					now := fl.expected(want, done)
					done = fl.settle(t, one, now, done)
					cuts += fl.cutAgain(t, one, now, done, n+first, every)
				}
				if finished {
					break
				}
			}
			require.NotZero(t, cuts)
			t.Logf("%d pairs of cut points", cuts)
			total += cuts
		})
	}
	t.Logf("%d pairs of cut points in all", total)
}

func (fl flow) cutAgain(t *testing.T, one *flash.Flash, want image, done, seed int, every bool) (cuts int) {
	for m := 0; ; m += stride {
		tears := []flash.Tear{flash.Tear((seed + m) % flash.Tears)}
		if every {
			tears = tears[:0]
			for tear := range flash.Tears {
				tears = append(tears, flash.Tear(tear))
			}
		}
		for _, tear := range tears {
			two := one.Clone()
			two.CutAt(m, tear)
			did := fl.run(t, two, done)
			if two.Powered() {
				return cuts
			}
			cuts++
			now := maps.Clone(want)
			for _, op := range fl.steps[done:did] {
				op.then(now)
			}
			did = fl.settle(t, two, now, did)
			fl.finish(t, two, now, did)
		}
	}
}

// TestPowerCutsInARow cuts the power again and again in the same step, torn so
// that not one bit changes: the worst case for words that may be programmed
// only twice.
func TestPowerCutsInARow(t *testing.T) {
	for _, fl := range flows() {
		if !fl.pairs {
			continue
		}
		t.Run(fl.name, func(t *testing.T) {
			base, want := fl.prepare(t)
			for n := range 400 {
				f, now, done := base.Clone(), maps.Clone(want), 0
				for range 6 {
					f.CutAt(n, flash.TornBarely)
					did := fl.run(t, f, done)
					if f.Powered() {
						break
					}
					for _, op := range fl.steps[done:did] {
						op.then(now)
					}
					done = fl.settle(t, f, now, did)
				}
				if f.Powered() && done == len(fl.steps) {
					break
				}
				if f.Powered() {
					f.CutAt(-1, 0)
				}
				s, err := Open(f, Rules{}, nil)
				require.NoError(t, err)
				got := contents(t, s)
				for ; done < len(fl.steps) && !maps.Equal(got, now); done++ {
					fl.steps[done].then(now)
				}
				fl.finish(t, f, now, done)
			}
		})
	}
}

func digestOf(b []byte) Digest { return sha256.Sum256(b) }
