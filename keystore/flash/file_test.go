package flash

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	f, err := Open(path, Options{Pages: 3, Endurance: 50})
	require.NoError(t, err)
	require.Equal(t, uint64(1), f.Stats().Starts)
	require.NoError(t, f.Program(1, 8, []byte("some text...")))
	require.NoError(t, f.Erase(2))
	want := f.Stats()

	for _, opts := range []Options{{}, {ReadOnly: true}} {
		_, err = Open(path, opts)
		require.ErrorIs(t, err, ErrInUse)
		require.ErrorContains(t, err, path)
	}
	require.NoError(t, f.Close())
	require.NoError(t, f.Close())
	require.Equal(t, uint32(1), f.Erases(2), "counters outlive Close")
	f.PowerOn()
	require.ErrorIs(t, f.Program(0, 0, word(0)), ErrPowerCut, "a closed flash stays off")

	r, err := Open(path, Options{ReadOnly: true})
	require.NoError(t, err)
	require.Equal(t, want, r.Stats(), "looking is no start")
	require.NoError(t, r.Erase(1))
	require.NoError(t, r.Close())

	f, err = Open(path, Options{Endurance: 60})
	require.NoError(t, err)
	want.Starts, want.Endurance = 2, 60
	require.Equal(t, want, f.Stats())
	got := make([]byte, 12)
	require.NoError(t, f.Read(1, 8, got))
	require.Equal(t, "some text...", string(got))
	f.PowerOff()
	f.PowerOn()
	require.NoError(t, f.Close())
	f, err = Open(path, Options{Pages: 3})
	require.NoError(t, err)
	want.Starts, want.Endurance = 4, 50
	require.Equal(t, want, f.Stats())
	require.NoError(t, f.Close())
	_, err = Open(path, Options{Pages: 4})
	require.ErrorContains(t, err, "the image has 3 pages, not 4")
}

// What is not a sound image is refused with a reason, and left as it is.
func TestRefusedFiles(t *testing.T) {
	fresh := newFlash(t, Options{Pages: 2})
	require.NoError(t, fresh.Program(1, 0, word(0x1234)))
	good := fresh.Image()
	change := func(off int, b ...byte) []byte {
		c := bytes.Clone(good)
		copy(c[off:], b)
		return c
	}
	header := func(off int, v uint32) []byte {
		c := change(off, word(v)...)
		copy(c[headerBytes:], word(crc32.ChecksumIEEE(c[:headerBytes])))
		return c
	}
	block := HeaderSize + blockSize // of page 1
	tests := []struct {
		name   string
		image  []byte
		want   error
		reason string
	}{
		{"text", []byte("hello, this is a text file\n"), ErrNotImage, "not a flash image"},
		{"short", []byte("x"), ErrNotImage, "name another file"},
		{"zeros", make([]byte, 9000), ErrNotImage, "name another file"},
		{"end in the header", good[:100], ErrDamaged, "within the header"},
		{"end in a block", good[:len(good)-1], ErrDamaged, "bytes long"},
		{"too long", append(bytes.Clone(good), 0), ErrDamaged, "bytes long"},
		{"header checksum", change(17, 9), ErrDamaged, "checksum"},
		{"newer format", header(8, FormatVersion+1), ErrNewerFormat, "newer nrf91emu"},
		{"older format", header(8, 1), ErrDamaged, "version 1, this program"},
		{"format 0", header(8, 0), ErrDamaged, "no format version 0"},
		{"page size", header(12, 2048), ErrDamaged, "2048"},
		{"no pages", header(16, 0), ErrDamaged, "0 pages"},
		{"too many pages", header(16, 1<<31), ErrDamaged, "2147483648 pages"},
		{"other number of pages", header(16, 3), ErrDamaged, "bytes long"},
		{"contents without programming", change(block+64, 1), ErrDamaged, "page 1: the word at offset 64"},
		{"programmed thrice", change(block+writesOffset, 3), ErrDamaged, "more often than possible"},
		{"impossible counter", change(block+markOffset+15, 0xFF), ErrDamaged, "no flash programs"},
		{"unknown state", change(block+markOffset+4, 3), ErrDamaged, "no state 3"},
		{"something behind the counters", change(block+blockSize-1, 1), ErrDamaged, "behind its counters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "image")
			require.NoError(t, os.WriteFile(path, tt.image, 0o600))
			for _, opts := range []Options{{}, {ReadOnly: true}} {
				_, err := Open(path, opts)
				require.ErrorIs(t, err, tt.want)
				require.ErrorContains(t, err, tt.reason)
				require.ErrorContains(t, err, path)
				got, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, tt.image, got)
			}
			_, err := FromImage(tt.image, Options{})
			require.ErrorIs(t, err, tt.want)
		})
	}
	dir := t.TempDir()
	_, err := Open(dir, Options{})
	require.Error(t, err)
	_, err = Open(filepath.Join(dir, "no", "image"), Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open(filepath.Join(dir, "image"), Options{ReadOnly: true})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A process that is killed while it makes the file leaves an empty file or a
// header alone; both are finished later.
func TestUnfinishedFile(t *testing.T) {
	for _, size := range []int{0, HeaderSize} {
		path := filepath.Join(t.TempDir(), "image")
		require.NoError(t, os.WriteFile(path, newFlash(t, Options{Pages: 5}).header()[:size], 0o600))
		if size > 0 {
			r, err := Open(path, Options{ReadOnly: true})
			require.NoError(t, err)
			require.Equal(t, 5, r.Pages())
		}
		f, err := Open(path, Options{Pages: 5})
		require.NoError(t, err)
		require.NoError(t, f.Program(4, 0, word(1)))
		require.NoError(t, f.Close())
	}
}

// TestKilled kills a process that programs and erases without a pause, at
// times that it cannot foresee, and finds an image that a flash could be in.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image")
	if os.Getenv("NRF91EMU_FLASH_CHILD") != "" {
		hammer(os.Getenv("NRF91EMU_FLASH_CHILD"))
		return
	}
	var erases, programmed uint64
	for round := range 10 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "NRF91EMU_FLASH_CHILD="+path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewReader(out)
		for range 1 + round*7%10 {
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "hammering\n", line)
		}
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())

		f, err := Open(path, Options{})
		require.NoError(t, err, "the image is sound and not locked any more")
		st := f.Stats()
		require.Greater(t, st.Erases, erases)
		require.Greater(t, st.Programmed, programmed)
		erases, programmed = st.Erases, st.Programmed
		for i := range f.Pages() {
			if f.Page(i).State == HalfErased {
				continue
			}
			// The words are programmed in ascending order with their own
			// offset: a torn one may be the last.
			ended := false
			for off := 0; off < PageSize; off += WordSize {
				switch v := readWord(t, f, i, off); {
				case v == uint32(off) && !ended:
				case v == 0xFFFFFFFF:
					ended = true
				default:
					t.Fatalf("page %d, offset %d: %#x", i, off, v)
				}
			}
		}
		require.NoError(t, f.Close())
	}
	t.Logf("%d erases, %d words programmed", erases, programmed)
}

// hammer is the process that gets killed.
func hammer(path string) {
	f, err := Open(path, Options{Pages: 4, Endurance: Endless})
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		return
	}
	page := make([]byte, PageSize)
	for off := 0; off < PageSize; off += WordSize {
		binary.LittleEndian.PutUint32(page[off:], uint32(off))
	}
	for i := 0; ; i++ {
		if err := errors.Join(f.Erase(i%4), f.Program(i%4, 0, page)); err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			return
		}
		if i%8 == 7 {
			os.Stdout.WriteString("hammering\n")
		}
	}
}

// Any bytes: an image is refused with one of the errors for it, or can be used.
func FuzzImage(f *testing.F) {
	fl := newFlash(f, Options{Pages: 2, Endurance: 5})
	f.Add(fl.Image()[:HeaderSize], []byte{}, uint32(0))
	require.NoError(f, fl.Program(1, 0, word(1)))
	image := fl.Image()
	f.Add(image[:64], image[HeaderSize+blockSize:], uint32(blockSize))
	f.Add(image[:64], []byte{1, 2, 3}, uint32(PageSize))
	f.Fuzz(func(t *testing.T, header, changed []byte, at uint32) {
		image := make([]byte, imageSize(2))
		copy(image, header)
		copy(image[HeaderSize:][at%(2*blockSize):], changed)
		if len(header)%2 == 0 {
			copy(image[headerBytes:], word(crc32.ChecksumIEEE(image[:headerBytes])))
		}
		fl, err := FromImage(image, Options{})
		if err != nil {
			return
		}
		fl.Stats()
		for i := range fl.Pages() {
			require.NoError(t, fl.Read(i, 0, make([]byte, PageSize)))
			if err := fl.Erase(i); err == nil {
				require.NoError(t, fl.Program(i, 0, word(0)))
			} else {
				require.ErrorIs(t, err, ErrWornOut)
			}
		}
		_, err = FromImage(fl.Image(), Options{})
		require.NoError(t, err)
	})
}
