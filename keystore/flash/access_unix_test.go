//go:build darwin || linux

package flash

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A pipe is refused without waiting for somebody at its other end.
func TestPipe(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	for _, opts := range []Options{{}, {ReadOnly: true}} {
		_, err := Open(fifo, opts)
		require.ErrorIs(t, err, ErrNotImage)
	}
}

// BenchmarkAccess compares ways to bring 256 words and their counters into a
// file so that a kill leaves whole words; see "Memory and image" in the package
// comment for the figures and the choice.
func BenchmarkAccess(b *testing.B) {
	const words = 256
	data := make([]byte, words*WordSize)
	file := func(b *testing.B) *os.File {
		f, err := os.Create(filepath.Join(b.TempDir(), "image"))
		require.NoError(b, err)
		b.Cleanup(func() { f.Close() })
		require.NoError(b, reserve(f, int64(imageSize(DefaultPages))))
		return f
	}
	b.Run("mapped, a store per word", func(b *testing.B) {
		m, err := syscall.Mmap(int(file(b).Fd()), 0, imageSize(DefaultPages), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		require.NoError(b, err)
		defer syscall.Munmap(m)
		store := func(off int, v uint32) { atomic.StoreUint32((*uint32)(unsafe.Pointer(&m[off])), v) }
		for b.Loop() {
			for i := 0; i < len(data); i += WordSize {
				store(HeaderSize+writesOffset+i/16, uint32(i))
				store(HeaderSize+i, binary.LittleEndian.Uint32(data[i:]))
			}
		}
	})
	b.Run("written word by word", func(b *testing.B) {
		f := file(b)
		for b.Loop() {
			for i := 0; i < len(data); i += WordSize {
				f.WriteAt(data[:1], int64(HeaderSize+writesOffset+i/16))
				f.WriteAt(data[i:i+WordSize], int64(HeaderSize+i))
			}
		}
	})
	b.Run("written in two", func(b *testing.B) {
		f := file(b)
		for b.Loop() {
			f.WriteAt(data[:words/4], HeaderSize+writesOffset)
			f.WriteAt(data, HeaderSize)
		}
	})
	b.Run("written in two, file looked at", func(b *testing.B) {
		f := file(b)
		m, err := newImageFile(f, f.Name(), imageSize(DefaultPages))
		require.NoError(b, err)
		for b.Loop() {
			require.NoError(b, m.check())
			f.WriteAt(data[:words/4], HeaderSize+writesOffset)
			f.WriteAt(data, HeaderSize)
		}
	})
}
