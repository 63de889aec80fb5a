package keystore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

func benchStore(b *testing.B) (*Store, *flash.Flash) {
	f, err := flash.New(flash.Options{Endurance: flash.Endless})
	require.NoError(b, err)
	s, err := Open(f, Rules{}, nil)
	require.NoError(b, err)
	for tag := range SecTag(20) {
		require.NoError(b, s.Write(Key{tag, RootCA}, []byte(text(1188, byte(tag)))))
	}
	return s, f
}

func BenchmarkReplace1kB(b *testing.B) {
	s, f := benchStore(b)
	content := [2][]byte{[]byte(text(1024, 1)), []byte(text(1024, 2))}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := s.Write(Key{24, RootCA}, content[i%2]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(f.Stats().Erases)/float64(b.N), "erases/op")
}

func BenchmarkReplace1kBInFile(b *testing.B) {
	f, err := flash.Open(b.TempDir()+"/image", flash.Options{Endurance: flash.Endless})
	require.NoError(b, err)
	defer f.Close()
	s, err := Open(f, Rules{}, nil)
	require.NoError(b, err)
	content := []byte(text(1024, 1))
	for b.Loop() {
		if err := s.Write(Key{24, RootCA}, content); err != nil {
			b.Fatal(err)
		}
	}
}

// A start of the modem: mount, look, write once.
func BenchmarkStartAndWrite(b *testing.B) {
	_, f := benchStore(b)
	content := []byte(text(1024, 1))
	for b.Loop() {
		s, err := Open(f, Rules{}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Write(Key{24, RootCA}, content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMount(b *testing.B) {
	_, fresh := newStore(b, 0, Rules{})
	_, some := benchStore(b)
	s, worn := benchStore(b)
	for i := range 5000 {
		require.NoError(b, s.Write(Key{24, PSK}, []byte(text(64, byte(i)))))
	}
	for name, f := range map[string]*flash.Flash{"fresh": fresh, "20Credentials": some, "WholeLog": worn} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(f, Rules{}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEntry(b *testing.B) {
	s, _ := benchStore(b)
	b.ReportAllocs()
	for b.Loop() {
		e, err := s.Entry(Key{12, RootCA})
		if err != nil || e.Size == 0 {
			b.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	s, _ := benchStore(b)
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		for e := range s.All() {
			buf = s.ShownDigest(e).Append(buf[:0])
		}
	}
}

func BenchmarkRead(b *testing.B) {
	s, _ := benchStore(b)
	for b.Loop() {
		if _, _, err := s.Read(Key{12, RootCA}); err != nil {
			b.Fatal(err)
		}
	}
}
