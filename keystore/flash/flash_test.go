package flash

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func newFlash(t testing.TB, opts Options) *Flash {
	f, err := New(opts)
	require.NoError(t, err)
	return f
}

func word(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func readWord(t testing.TB, f *Flash, page, off int) uint32 {
	var b [WordSize]byte
	require.NoError(t, f.Read(page, off, b[:]))
	return binary.LittleEndian.Uint32(b[:])
}

func TestProgramAndErase(t *testing.T) {
	f := newFlash(t, Options{Pages: 2})
	require.Equal(t, uint32(0xFFFFFFFF), readWord(t, f, 1, 0))
	data := []byte("twelve bytes")
	require.NoError(t, f.Program(1, PageSize-12, data))
	got := make([]byte, 14)
	require.NoError(t, f.Read(1, PageSize-14, got))
	require.Equal(t, append([]byte{0xFF, 0xFF}, data...), got)
	require.NoError(t, f.Program(1, 0, nil), "nothing to program")
	require.Equal(t, PageStats{Page: 1, State: Programmed, Programmed: 3, Used: 3}, f.Page(1))
	require.NoError(t, f.Erase(1))
	require.Equal(t, uint32(0xFFFFFFFF), readWord(t, f, 1, PageSize-4))
	require.Equal(t, PageStats{Page: 1, State: Erased, Programmed: 3, Erases: 1}, f.Page(1))
	require.Equal(t, PageStats{}, f.Page(0))
	require.True(t, f.Pristine(0))
	require.False(t, f.Pristine(1))
	require.Equal(t, uint32(1), f.Erases(1))
	require.Equal(t, uint64(4), f.Steps())
}

func TestRulesOfProgramming(t *testing.T) {
	tests := []struct {
		name      string
		page, off int
		first     []byte // programmed before at the same place
		data      []byte
		want      error
	}{
		{"clear more bits", 0, 0, word(0xFFFF00FF), word(0x0F0F0000), nil},
		{"same value again", 0, 0, word(0x12345678), word(0x12345678), nil},
		{"set a bit", 0, 4, word(0xFFFF00FF), word(0xFFFF01FF), ErrNotErased},
		{"offset not aligned", 0, 2, nil, word(0), ErrAlignment},
		{"length not aligned", 0, 0, nil, []byte{1, 2, 3}, ErrAlignment},
		{"beyond the page", 0, PageSize - 4, nil, make([]byte, 8), ErrRange},
		{"negative offset", 0, -4, nil, word(0), ErrRange},
		{"no such page", 2, 0, nil, word(0), ErrRange},
		{"negative page", -1, 0, nil, word(0), ErrRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFlash(t, Options{Pages: 2})
			if tt.first != nil {
				require.NoError(t, f.Program(tt.page, tt.off, tt.first))
			}
			err := f.Program(tt.page, tt.off, tt.data)
			require.ErrorIs(t, err, tt.want)
			if tt.want == nil {
				require.Equal(t, binary.LittleEndian.Uint32(tt.data)&binary.LittleEndian.Uint32(tt.first), readWord(t, f, tt.page, tt.off))
			}
		})
	}
	f := newFlash(t, Options{Pages: 2})
	require.ErrorIs(t, f.Read(2, 0, nil), ErrRange)
	require.ErrorIs(t, f.Read(0, 1, make([]byte, PageSize)), ErrRange)
	require.ErrorIs(t, f.Erase(2), ErrRange)
}

func TestWordIsProgrammedTwiceAtMost(t *testing.T) {
	f := newFlash(t, Options{Pages: 1})
	require.NoError(t, f.Program(0, 8, word(0xFFFFFFFF)), "counts although no bit changes")
	require.NoError(t, f.Program(0, 8, word(0xFFFFFFFE)))
	require.ErrorIs(t, f.Program(0, 8, word(0)), ErrProgramLimit)
	require.Equal(t, uint32(0xFFFFFFFE), readWord(t, f, 0, 8))
	err := f.Program(0, 4, append(word(1), append(word(2), word(3)...)...))
	require.ErrorIs(t, err, ErrProgramLimit)
	require.ErrorContains(t, err, "page 0, offset 8")
	require.Equal(t, uint32(1), readWord(t, f, 0, 4), "words before the refused one are programmed")
	require.Equal(t, uint32(0xFFFFFFFF), readWord(t, f, 0, 12))
	require.NoError(t, f.Erase(0))
	require.NoError(t, f.Program(0, 8, word(0)))
}

func TestEndurance(t *testing.T) {
	f := newFlash(t, Options{Pages: 2, Endurance: 3})
	require.NoError(t, f.Program(0, 0, word(7)))
	for range 3 {
		require.NoError(t, f.Erase(0))
	}
	require.NoError(t, f.Program(0, 0, word(7)))
	for range 2 {
		require.ErrorIs(t, f.Erase(0), ErrWornOut)
	}
	require.ErrorIs(t, f.Program(0, 4, word(0)), ErrWornOut)
	require.Equal(t, uint32(7), readWord(t, f, 0, 0), "still readable")
	require.True(t, f.WornOut(0))
	require.NoError(t, f.Erase(1))
	require.Equal(t, Stats{
		Pages:     []PageStats{{Page: 0, State: Worn, Erases: 3, Programmed: 2, Used: 1}, {Page: 1, Erases: 1}},
		Endurance: 3, Starts: 1, Erases: 4, Programmed: 2, MaxErases: 3, MinErases: 1, WornPages: 1,
	}, f.Stats())

	f = newFlash(t, Options{Pages: 1, Endurance: Endless})
	for range DefaultEndurance + 1 {
		require.NoError(t, f.Erase(0))
	}
	f = newFlash(t, Options{Pages: 1})
	for range DefaultEndurance {
		require.NoError(t, f.Erase(0))
	}
	require.ErrorIs(t, f.Erase(0), ErrWornOut)
}

func TestImpossibleOptions(t *testing.T) {
	for _, o := range []Options{{Pages: -1}, {Pages: MaxPages + 1}, {Endurance: -2}} {
		_, err := New(o)
		require.Error(t, err)
	}
}

// Whatever the tear, a cut step leaves bits that are between old and new, and
// the flash does nothing until the power is back.
func TestCutInProgram(t *testing.T) {
	for tear := range Tears {
		f := newFlash(t, Options{Pages: 1})
		require.NoError(t, f.Program(0, 4, word(0xFFFFF0FF)))
		f.CutAt(1, Tear(tear))
		err := f.Program(0, 0, append(word(1), append(word(0x00F0F00F), word(3)...)...))
		require.ErrorIs(t, err, ErrPowerCut)
		require.False(t, f.Powered())
		require.ErrorIs(t, f.Read(0, 0, nil), ErrPowerCut)
		require.ErrorIs(t, f.Program(0, 0, nil), ErrPowerCut)
		require.ErrorIs(t, f.Erase(0), ErrPowerCut)
		f.PowerOn()
		require.Equal(t, uint32(1), readWord(t, f, 0, 0))
		require.Equal(t, uint32(0xFFFFFFFF), readWord(t, f, 0, 8))
		v := readWord(t, f, 0, 4)
		require.Zero(t, ^uint32(0xFFFFF0FF)&v, "no bit comes back")
		require.Zero(t, 0x00F0F00F&^0xF00&^v&^uint32(0xF00), "no other bit is cleared")
		counted := uint64(3)
		switch Tear(tear) {
		case NotBegun:
			counted = 2
			require.Equal(t, uint32(0xFFFFF0FF), v)
		case TornBarely:
			require.Equal(t, uint32(0xFFFFF0FF), v)
		case TornClearly, Complete:
			require.Equal(t, uint32(0x00F0F00F), v)
		default:
			require.NotEqual(t, uint32(0xFFFFF0FF), v)
			require.NotEqual(t, uint32(0x00F0F00F), v)
		}
		require.Equal(t, counted, f.Page(0).Programmed)
		require.Equal(t, uint64(2), f.Stats().Starts)
	}
}

func TestCutInErase(t *testing.T) {
	seen := map[string]Tear{}
	for tear := range Tears {
		f := newFlash(t, Options{Pages: 2})
		old := bytes.Repeat([]byte{0x5A}, PageSize)
		require.NoError(t, f.Program(0, 0, old))
		f.CutAt(0, Tear(tear))
		require.ErrorIs(t, f.Erase(0), ErrPowerCut)
		f.PowerOn()
		got := make([]byte, PageSize)
		require.NoError(t, f.Read(0, 0, got))
		for i := range got {
			require.Equal(t, byte(0x5A), got[i]&0x5A, "no bit is cleared")
		}
		switch Tear(tear) {
		case NotBegun:
			require.Equal(t, Programmed, f.Page(0).State)
			require.Zero(t, f.Erases(0))
			continue
		case Complete:
			require.Equal(t, Erased, f.Page(0).State)
			require.Equal(t, uint32(1), f.Erases(0))
			continue
		}
		require.Equal(t, uint32(1), f.Erases(0), "an interrupted erase wears the page too")
		require.Equal(t, HalfErased, f.Page(0).State)
		require.ErrorIs(t, f.Program(0, 0, word(0)), ErrHalfErased)
		other, twice := seen[string(got)]
		require.False(t, twice, "%v is like %v", Tear(tear), other)
		seen[string(got)] = Tear(tear)
		require.NoError(t, f.Erase(0))
		require.NoError(t, f.Program(0, 0, word(0)))
	}
}

func TestPower(t *testing.T) {
	f := newFlash(t, Options{Pages: 1})
	f.CutAt(1, Complete)
	f.CutAt(-1, Complete)
	require.NoError(t, f.Program(0, 0, make([]byte, 40)))
	f.PowerOff()
	require.ErrorIs(t, f.Read(0, 0, nil), ErrPowerCut)
	f.PowerOn()
	f.PowerOn()
	require.NoError(t, f.Read(0, 0, nil))
	require.Equal(t, uint64(2), f.Stats().Starts)
}

func TestObserver(t *testing.T) {
	f := newFlash(t, Options{Pages: 3})
	var got []Op
	f.Observer = func(o Op) { got = append(got, o) }
	require.NoError(t, f.Program(2, 8, make([]byte, 12)))
	require.NoError(t, f.Erase(2))
	f.CutAt(1, TornEven)
	err := f.Program(1, 0, make([]byte, 12))
	require.ErrorIs(t, err, ErrPowerCut)
	require.Equal(t, []Op{
		{Kind: OpProgram, Page: 2, Offset: 8, Words: 3},
		{Kind: OpErase, Page: 2, Erases: 1},
		{Kind: OpProgram, Page: 1, Words: 2, Err: err},
	}, got)
	require.Equal(t, "program erase", OpProgram.String()+" "+OpErase.String())
}

func TestCloneAndImage(t *testing.T) {
	f := newFlash(t, Options{Pages: 3, Endurance: 7})
	require.NoError(t, f.Program(1, 8, []byte("some text...")))
	require.NoError(t, f.Erase(2))
	f.CutAt(0, TornRandom)
	require.Error(t, f.Erase(1))
	f.PowerOn()
	c := f.Clone()
	require.Equal(t, f.Stats(), c.Stats())
	require.Equal(t, f.Image(), c.Image())
	i, err := FromImage(f.Image(), Options{})
	require.NoError(t, err)
	want := f.Stats()
	want.Starts++
	require.Empty(t, cmp.Diff(want, i.Stats()))
	require.Equal(t, i.Image(), i.Clone().Image())

	require.NoError(t, c.Erase(1))
	require.NotEqual(t, f.Image(), c.Image(), "a clone is independent")
}

// A fresh flash takes next to no memory, and gives it back when erased.
func TestMemory(t *testing.T) {
	const n = 200
	measure := func(use func(*Flash)) float64 {
		keep := make([]*Flash, n)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC() // what the first one has only finalised
		runtime.ReadMemStats(&before)
		for i := range keep {
			keep[i] = newFlash(t, Options{})
			use(keep[i])
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(keep)
		return (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / n
	}
	fresh := measure(func(*Flash) {})
	used := measure(func(f *Flash) {
		for i := range f.Pages() {
			require.NoError(t, f.Program(i, 0, word(0)))
			require.NoError(t, f.Erase(i))
		}
	})
	t.Logf("fresh: %.0f bytes, erased again: %.0f bytes", fresh, used)
	require.Less(t, fresh, 500.0)
	require.Less(t, used, 4000.0)
}

func BenchmarkProgram(b *testing.B) {
	page := make([]byte, PageSize)
	b.Run("memory", func(b *testing.B) {
		f := newFlash(b, Options{Pages: 1, Endurance: Endless})
		for b.Loop() {
			f.Erase(0)
			f.Program(0, 0, page)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(f.Steps()), "ns/step")
	})
	b.Run("file", func(b *testing.B) {
		f, err := Open(b.TempDir()+"/image", Options{Pages: 1, Endurance: Endless})
		require.NoError(b, err)
		defer f.Close()
		for b.Loop() {
			f.Erase(0)
			f.Program(0, 0, page)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(f.Steps()), "ns/step")
	})
}

func BenchmarkOpen(b *testing.B) {
	path := b.TempDir() + "/image"
	for b.Loop() {
		f, err := Open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// A cut that was planned for later is forgotten when the power comes back.
func TestPowerOnTakesBackAPlannedCut(t *testing.T) {
	f, err := New(Options{Pages: 1})
	require.NoError(t, err)
	f.CutAt(1, TornEven)
	f.PowerOff()
	f.PowerOn()
	require.NoError(t, f.Program(0, 0, make([]byte, 4*WordSize)))
	require.True(t, f.Powered())
}
