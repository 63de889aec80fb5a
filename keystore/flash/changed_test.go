//go:build !windows

package flash

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Somebody else deletes, replaces or cuts the file while it is in use: the next
// change of the flash says so, and so does Close. What a cut took away is written
// anew from memory.
func TestChangedFile(t *testing.T) {
	tests := []struct {
		name   string
		change func(path string) error
		reason string
		whole  bool // the file is as it should be afterwards
	}{
		{"deleted", os.Remove, "was deleted or moved", false},
		{"moved", func(p string) error { return os.Rename(p, p+".old") }, "was deleted or moved", false},
		{"replaced", func(p string) error {
			return errors.Join(os.WriteFile(p+".new", []byte("mine"), 0o600), os.Rename(p+".new", p))
		}, "is another file now", false},
		{"emptied", func(p string) error { return os.Truncate(p, 0) }, "written anew from memory", true},
		{"cut", func(p string) error { return os.Truncate(p, HeaderSize+100) }, "written anew from memory", true},
		{"lengthened", func(p string) error { return os.Truncate(p, 1<<20) }, "written anew from memory", true},
	}
	steps := map[string]func(*Flash) error{
		"program": func(f *Flash) error { return f.Program(1, 4, word(2)) },
		"erase":   func(f *Flash) error { return f.Erase(1) },
		"close":   func(f *Flash) error { return nil },
	}
	for _, tt := range tests {
		for step, do := range steps {
			t.Run(tt.name+", "+step, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "image")
				f, err := Open(path, Options{Pages: 2})
				require.NoError(t, err)
				require.NoError(t, f.Program(1, 0, word(1)))
				require.NoError(t, tt.change(path))
				if step != "close" {
					err := do(f)
					require.ErrorIs(t, err, ErrChanged)
					require.ErrorContains(t, err, tt.reason)
					require.False(t, f.Powered())
					f.PowerOn()
					require.ErrorIs(t, f.Read(1, 0, nil), ErrChanged, "it stays out of use")
					require.ErrorIs(t, do(f), ErrChanged)
				}
				err = f.Close()
				require.ErrorIs(t, err, ErrChanged)
				require.ErrorContains(t, err, tt.reason)
				require.NoError(t, f.Close())
				if !tt.whole {
					return
				}
				f, err = Open(path, Options{})
				require.NoError(t, err)
				require.Equal(t, uint32(1), readWord(t, f, 1, 0))
				require.Equal(t, PageStats{Page: 1, State: Programmed, Programmed: 1, Used: 1}, f.Page(1))
				require.NoError(t, f.Close())
			})
		}
	}
}

// The file can be written no more, as on a full disk: the step fails with the
// reason, the flash is out of use, and the file is what a cut would have left.
func TestFileThatCannotBeWritten(t *testing.T) {
	for name, do := range map[string]func(*Flash) error{
		"program": func(f *Flash) error { return f.Program(1, 4, word(2)) },
		"erase":   func(f *Flash) error { return f.Erase(1) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "image")
			f, err := Open(path, Options{Pages: 2})
			require.NoError(t, err)
			require.NoError(t, f.Program(1, 0, word(1)))
			readable, err := os.Open(path)
			require.NoError(t, err)
			defer readable.Close()
			f.file.writeAt = readable.WriteAt
			err = do(f)
			require.Error(t, err)
			require.ErrorAs(t, err, new(*fs.PathError))
			require.ErrorContains(t, err, "the flash image cannot be written")
			require.Error(t, f.Program(0, 0, word(1)))
			require.Error(t, f.Close())
			f, err = Open(path, Options{})
			require.NoError(t, err)
			require.Equal(t, uint32(1), readWord(t, f, 1, 0))
			require.NoError(t, f.Close())
		})
	}
}

// What a kill leaves between any two writes to the file is an image that a flash
// can be in: for an erase the page is half erased from the first write to the
// last, for words they have been counted before they change.
func TestKilledBetweenWrites(t *testing.T) {
	page := make([]byte, PageSize)
	for i := range page {
		page[i] = byte(i)
	}
	steps := []struct {
		name   string
		do     func(*Flash) error
		writes int
		check  func(t *testing.T, f *Flash, done int)
	}{
		{"program", func(f *Flash) error { return f.Program(1, 64, page[:256]) }, 2, func(t *testing.T, f *Flash, done int) {
			got := make([]byte, 256)
			require.NoError(t, f.Read(1, 64, got))
			require.Equal(t, []int{0, 64, 64}[done], f.Page(1).Used)
			require.Equal(t, done == 2, string(got) == string(page[:256]))
		}},
		{"erase", func(f *Flash) error { return f.Erase(0) }, 3, func(t *testing.T, f *Flash, done int) {
			require.Equal(t, []PageState{Programmed, HalfErased, HalfErased, Erased}[done], f.Page(0).State)
			require.Equal(t, []uint32{1, 2, 2, 2}[done], f.Erases(0))
			require.Equal(t, uint64(WordsPerPage), f.Page(0).Programmed)
			if s := f.Page(0).State; s == HalfErased {
				require.ErrorIs(t, f.Program(0, 0, word(0)), ErrHalfErased)
				require.Zero(t, f.Page(0).Used, "what was programmed before the erase does not count any more")
			}
		}},
	}
	for _, step := range steps {
		for done := range step.writes + 1 {
			t.Run(step.name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "image")
				f, err := Open(path, Options{Pages: 2})
				require.NoError(t, err)
				require.NoError(t, f.Erase(0))
				require.NoError(t, f.Program(0, 0, page))
				left := done
				f.file.writeAt = func(b []byte, off int64) (int, error) {
					if left--; left < 0 {
						return 0, errors.New("killed")
					}
					return f.file.file.WriteAt(b, off)
				}
				err = step.do(f)
				require.Equal(t, done < step.writes, err != nil, "%d writes", done)
				f.Close()
				f, err = Open(path, Options{})
				require.NoError(t, err)
				step.check(t, f, done)
				require.NoError(t, f.Close())
			})
		}
	}
}

// An image holds secrets: nobody else may read it, also one that was there before.
func TestImageIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	for _, before := range []fs.FileMode{0, 0o644, 0o660} {
		if before != 0 {
			require.NoError(t, os.Chmod(path, before))
		}
		f, err := Open(path, Options{Pages: 1})
		require.NoError(t, err)
		require.NoError(t, f.Close())
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "%o before", before)
	}
}

// Cycles that WearOut has used up stay used up in the file.
func TestWearOutInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	f, err := Open(path, Options{Pages: 1, Endurance: 7})
	require.NoError(t, err)
	require.NoError(t, f.WearOut(0))
	require.NoError(t, f.Close())
	f, err = Open(path, Options{})
	require.NoError(t, err)
	require.True(t, f.Spent(0))
	require.NoError(t, f.Close())
}
