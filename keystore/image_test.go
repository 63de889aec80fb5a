package keystore

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

// FuzzMount opens stores in flashes of any contents: it opens or says that it
// is damaged, and when it opens it works.
func FuzzMount(f *testing.F) {
	for _, fl := range flows() {
		s, fs := newStore(f, minPages, Rules{})
		for _, op := range append(fl.setup, fl.steps...) {
			require.NoError(f, op.do(s))
		}
		pages := make([]byte, 2*flash.PageSize)
		require.NoError(f, fs.Read(0, 0, pages[:flash.PageSize]))
		require.NoError(f, fs.Read(1, 0, pages[flash.PageSize:]))
		f.Add(pages, byte(0), uint16(0))
		f.Add(pages, byte(4), uint16(40))
		f.Add(pages[:600], byte(1), uint16(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, shift byte, repair uint16) {
		fl, err := flash.New(flash.Options{Pages: minPages})
		require.NoError(t, err)
		for i := 0; i < minPages && len(data) > 0; i++ {
			n := min(len(data), flash.PageSize)
			page := append([]byte(nil), data[:n]...)
			data = data[n:]
			// Checksums keep the fuzzer out; make some of them right.
			if repair&1 != 0 && n >= pageHeaderSize {
				h := pageHeader{number: uint32(i+1) * uint32(shift), reclaimed: uint32(repair >> 1)}.encode()
				copy(page, h[:])
			}
			repairRecords(page, repair)
			require.NoError(t, fl.Program((i+int(shift))%minPages, 0, page[:n/4*4]))
		}
		s, err := Open(fl, Rules{}, nil)
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			return
		}
		checkInvariants(t, s)
		for e := range s.All() {
			c, err := s.Secret(e.Key)
			require.NoError(t, err)
			require.Equal(t, digestOf(c), e.Digest)
		}
		k := Key{7, RootCA}
		if err := s.Write(k, []byte("new")); err != nil {
			require.True(t, errors.Is(err, ErrFull) || errors.Is(err, flash.ErrProgramLimit) || errors.Is(err, flash.ErrNotErased), err)
			return
		}
		want := contents(t, s)
		s, err = Open(fl, Rules{}, nil)
		if repair != 0 && err != nil {
			// Records that no store has written may contradict themselves, and
			// which of them counts is then a matter of chance.
			require.ErrorIs(t, err, ErrDamaged)
			return
		}
		require.NoError(t, err)
		got := contents(t, s)
		require.Equal(t, "new", got[k.String()])
		if repair == 0 { // all records are a store's own, so nothing contradicts itself
			require.Equal(t, want, got)
		}
	})
}

// repairRecords makes the checksums of a page's records right.
func repairRecords(page []byte, repair uint16) {
	for off := pageHeaderSize; off+overhead <= len(page); {
		b := page[off:]
		var r record
		r.kind, r.parts, r.part = kind(b[0]%4+1), b[1]%3+1, b[2]%2
		r.key = Key{SecTag(b[4]), CredentialType(b[3] % 8)}
		r.id = uint32(b[8]) + 1
		r.length = uint16(b[12]) % 200
		r.total = r.length * uint16(r.parts)
		size := recordSize(int(r.length))
		if size > len(b) || repair&2 == 0 {
			return
		}
		content := append([]byte(nil), b[headerSize:headerSize+int(r.length)]...)
		r.encode(b, content)
		off += size
	}
}
