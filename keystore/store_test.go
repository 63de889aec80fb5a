package keystore

import (
	"crypto/sha256"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

func amazonRootCA1(t testing.TB) []byte {
	b, err := os.ReadFile("../testvectors/data/certificates/amazon-root-ca-1.pem")
	require.NoError(t, err)
	return b
}

// The digest that real devices print for this certificate (fact cmng/digest).
func TestDigestOfAmazonRootCA1(t *testing.T) {
	s, _ := newStore(t, 8, Rules{CheckCertificates: true})
	k := Key{NRFCloudTag, RootCA}
	require.NoError(t, s.Write(k, amazonRootCA1(t)))
	e, err := s.Entry(k)
	require.NoError(t, err)
	require.Equal(t, 1188, e.Size)
	require.Equal(t, "2C43952EE9E000FF2ACC4E2ED0897C0A72AD5FA72C3D934E81741CBD54F05BD1", s.ShownDigest(e).String())
}

func TestPlaceholderDigest(t *testing.T) {
	s, _ := newStore(t, 8, Rules{PlaceholderDigest: true})
	for typ, want := range map[CredentialType]string{RootCA: "00", ClientCertificate: "01", PrivateKey: "02", PSKIdentity: "04"} {
		require.NoError(t, s.Write(Key{1, typ}, []byte("content")))
		e, err := s.Entry(Key{1, typ})
		require.NoError(t, err)
		require.Equal(t, strings.Repeat(want, 32), s.ShownDigest(e).String())
		require.Equal(t, digestOf([]byte("content")), e.Digest)
	}
}

var system = []SystemEntry{
	{Key: Key{NordicRootTag, NordicIdentityRootCA}, Digest: Digest{1}},
	{Key: Key{DeviceKeyTag, DeviceIdentityPublicKey}, Digest: Digest{2}},
	{Key: Key{NordicBaseTag, NordicBasePublicKey}, Digest: Digest{3}},
}

func TestListOrder(t *testing.T) {
	s, f := newStore(t, 8, Rules{DecryptTags: true}, system...)
	for _, k := range []Key{{12345678, 1}, {567890, 0}, {FirstDecryptTag, 0}, {12345678, 0}, {0, 4}, {MaxUserTag, 2}, {123, 2}} {
		require.NoError(t, s.Write(k, []byte("x")))
	}
	want := []string{"0,4", "123,2", "567890,0", "12345678,0", "12345678,1", "2147483647,2", "2147483648,0",
		"4294967293,10", "4294967294,6", "4294967292,11"}
	keys := func(s *Store) (keys []string) {
		for e := range s.All() {
			keys = append(keys, e.Key.String())
		}
		return keys
	}
	require.Equal(t, want, keys(s))
	s, err := Open(f, Rules{}, system)
	require.NoError(t, err)
	require.Equal(t, want, keys(s))

	tag := func(tag SecTag) (keys []string) {
		for e := range s.Tag(tag) {
			keys = append(keys, e.Key.String())
		}
		return keys
	}
	require.Equal(t, []string{"12345678,0", "12345678,1"}, tag(12345678))
	require.Equal(t, []string{"4294967294,6"}, tag(DeviceKeyTag))
	require.Empty(t, tag(124))
	for range s.All() {
		break // must not go on after that
	}
}

// Who can do what, by type and firmware.
func TestAccess(t *testing.T) {
	old := Rules{ClientCertificateUnreadable: true}
	tests := []struct {
		name                 string
		rules                Rules
		key                  Key
		write, read, deleted error
	}{
		{"root CA", Rules{}, Key{1, RootCA}, nil, nil, nil},
		{"client certificate", Rules{}, Key{1, ClientCertificate}, nil, nil, nil},
		{"client certificate, mfw 1.2", old, Key{1, ClientCertificate}, nil, ErrNoAccess, nil},
		{"private key", Rules{}, Key{1, PrivateKey}, nil, ErrNoAccess, nil},
		{"PSK", Rules{}, Key{1, PSK}, nil, ErrNoAccess, nil},
		{"PSK identity", Rules{}, Key{1, PSKIdentity}, nil, nil, nil},
		{"public key", Rules{}, Key{1, PublicKey}, ErrNoAccess, ErrNotFound, ErrNotFound},
		{"not used", Rules{}, Key{1, 7}, ErrNoAccess, ErrNotFound, ErrNotFound},
		{"endorsement key", Rules{}, Key{1, EndorsementKey}, ErrNoAccess, ErrNotFound, ErrNotFound},
		{"unknown type", Rules{}, Key{1, 200}, ErrNoAccess, ErrNotFound, ErrNotFound},
		{"last user tag", Rules{}, Key{MaxUserTag, RootCA}, nil, nil, nil},
		{"decrypt tag, mfw 1.3", Rules{}, Key{FirstDecryptTag, RootCA}, ErrNoAccess, ErrNotFound, ErrNotFound},
		{"decrypt tag, mfw 2.0", Rules{DecryptTags: true}, Key{LastDecryptTag, RootCA}, nil, nil, nil},
		{"after the decrypt tags", Rules{DecryptTags: true}, Key{LastDecryptTag + 1, RootCA}, ErrNoAccess, ErrNotFound, ErrNotFound},
		{"system key", Rules{DecryptTags: true}, system[1].Key, ErrNoAccess, ErrNoAccess, ErrNoAccess},
		{"system tag, other type", Rules{}, Key{DeviceKeyTag, RootCA}, ErrNoAccess, ErrNotFound, ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := newStore(t, 8, tt.rules, system...)
			content := []byte("some\r\n content \x00\xff")
			require.ErrorIs(t, s.Write(tt.key, content), tt.write)
			got, _, err := s.Read(tt.key)
			require.ErrorIs(t, err, tt.read)
			if tt.read == nil {
				require.Equal(t, content, got)
			}
			if tt.write == nil {
				secret, err := s.Secret(tt.key)
				require.NoError(t, err)
				require.Equal(t, content, secret)
			}
			require.ErrorIs(t, s.Delete(tt.key), tt.deleted)
			if tt.deleted == nil {
				require.ErrorIs(t, s.Delete(tt.key), ErrNotFound)
				_, _, err = s.Read(tt.key)
				require.ErrorIs(t, err, ErrNotFound)
			}
		})
	}
}

func TestOverwrite(t *testing.T) {
	k := Key{24, RootCA}
	s, _ := newStore(t, 8, Rules{})
	require.NoError(t, s.Write(k, []byte("one")))
	require.NoError(t, s.Write(k, []byte("two")))
	got, e, err := s.Read(k)
	require.NoError(t, err)
	require.Equal(t, "two", string(got))
	require.Equal(t, uint32(2), e.Writes)

	s, _ = newStore(t, 8, Rules{RefuseOverwrite: true})
	require.NoError(t, s.Write(k, []byte("one")))
	require.ErrorIs(t, s.Write(k, []byte("two")), ErrExists)
}

func TestGeneratedKeys(t *testing.T) {
	s, f := newStore(t, 8, Rules{})
	k := Key{24, PrivateKey}
	require.NoError(t, s.PutGenerated(k, []byte("made here")))
	require.ErrorIs(t, s.PutGenerated(k, []byte("again")), ErrExists)
	require.ErrorIs(t, s.PutGenerated(Key{MaxUserTag + 1, PrivateKey}, []byte("x")), ErrNoAccess)
	require.ErrorIs(t, s.PutGenerated(Key{1, PrivateKey}, nil), ErrEmpty)
	s, err := Open(f, Rules{}, nil)
	require.NoError(t, err)
	_, e, err := s.Read(k)
	require.ErrorIs(t, err, ErrNoAccess)
	require.True(t, e.Generated)
	secret, err := s.Secret(k)
	require.NoError(t, err)
	require.Equal(t, "made here", string(secret))

	require.NoError(t, s.Write(k, []byte("from outside")))
	e, err = s.Entry(k)
	require.NoError(t, err)
	require.False(t, e.Generated)

	endorsement := Key{24, EndorsementKey}
	require.NoError(t, s.PutGenerated(endorsement, []byte("made here")))
	require.ErrorIs(t, s.Write(endorsement, []byte("x")), ErrExists)
	require.NoError(t, s.Delete(endorsement))

	require.NoError(t, s.PutPublicKey(9, []byte("public")))
	require.ErrorIs(t, s.PutPublicKey(9, []byte("public")), ErrExists)
	require.ErrorIs(t, s.PutPublicKey(10, []byte("public")), ErrNoAccess)
	require.ErrorIs(t, s.Write(Key{9, PublicKey}, []byte("x")), ErrExists)
	require.NoError(t, s.Delete(Key{9, PublicKey}))
}

func TestSizes(t *testing.T) {
	s, _ := newStore(t, 16, Rules{})
	k := Key{24, RootCA}
	require.ErrorIs(t, s.Write(k, nil), ErrEmpty)
	for _, n := range []int{1, 3, 4, 5, maxPart - 1, maxPart, maxPart + 1, 2 * maxPart, 4096, 4097, 5278, 8192, MaxContent} {
		want := text(n, byte(n))
		require.NoError(t, s.Write(k, []byte(want)), n)
		secret, err := s.Secret(k)
		require.NoError(t, err)
		require.Equal(t, want, string(secret))
		_, e, err := s.Read(k)
		require.Equal(t, n, e.Size)
		if n > 4096 {
			require.ErrorIs(t, err, ErrReadCrash, n)
		} else {
			require.NoError(t, err, n)
		}
	}
	require.ErrorIs(t, s.Write(k, make([]byte, MaxContent+1)), ErrTooLarge)
	require.ErrorIs(t, s.SaveSettings(map[string][]byte{"x": make([]byte, MaxContent)}), ErrTooLarge)
	require.ErrorIs(t, s.SaveSettings(map[string][]byte{strings.Repeat("x", 256): {1}}), ErrTooLarge)
	_, e, _ := s.Read(k)
	require.Equal(t, MaxContent, e.Size, "what was there has not changed")
}

// Of several errors the first in the order of checks is given: permission and
// existence, content, space.
func TestOrderOfChecks(t *testing.T) {
	s, _ := newStore(t, 8, Rules{CheckCertificates: true, Slots: 1, RefuseOverwrite: true})
	require.ErrorIs(t, s.Write(Key{MaxUserTag + 1, RootCA}, []byte("junk")), ErrNoAccess)
	require.NoError(t, s.Write(Key{1, PSK}, []byte("00")))
	require.ErrorIs(t, s.Write(Key{1, PSK}, []byte("00")), ErrExists)
	require.ErrorIs(t, s.Write(Key{1, RootCA}, []byte("junk")), ErrInvalidContent)
	require.ErrorIs(t, s.Write(Key{1, RootCA}, amazonRootCA1(t)), ErrFull)
}

func TestSlots(t *testing.T) {
	s, _ := newStore(t, 64, Rules{Slots: 16})
	for tag := range SecTag(7) {
		require.NoError(t, s.Write(Key{tag, RootCA}, []byte(text(2049, 1))), "two slots")
	}
	require.NoError(t, s.Write(Key{7, PSK}, []byte("00")))
	require.NoError(t, s.Write(Key{7, PSKIdentity}, []byte("id")))
	require.ErrorIs(t, s.Write(Key{8, PSK}, []byte("00")), ErrFull)
	require.NoError(t, s.Write(Key{7, PSK}, []byte("01")), "replacing takes no slot more")
	require.NoError(t, s.Delete(Key{7, PSKIdentity}))
	require.NoError(t, s.Write(Key{8, PSK}, []byte("00")))
}

func TestFull(t *testing.T) {
	s, f := newStore(t, 16, Rules{})
	var err error
	n := SecTag(0)
	for ; err == nil; n++ {
		require.Less(t, n, SecTag(1000))
		err = s.Write(Key{n, RootCA}, []byte(text(1188, byte(n))))
	}
	require.ErrorIs(t, err, ErrFull)
	t.Logf("%d credentials of 1188 bytes fit into 16 pages", n-1)
	steps := f.Steps()
	require.ErrorIs(t, s.Write(Key{n, RootCA}, []byte(text(1188, 0))), ErrFull)
	require.Equal(t, steps, f.Steps(), "what does not fit costs nothing")
	require.NoError(t, s.Delete(Key{0, RootCA}))
	require.NoError(t, s.Delete(Key{1, RootCA}))
	require.NoError(t, s.Write(Key{n, RootCA}, []byte(text(1188, 0))))
}

func TestSettings(t *testing.T) {
	s, f := newStore(t, 8, Rules{})
	_, ok := s.Setting("mode")
	require.False(t, ok)
	require.NoError(t, s.SaveSettings(map[string][]byte{"mode": []byte("1,0,1,0"), "psm": []byte("1"), "empty": {}}))
	require.NoError(t, s.SaveSettings(map[string][]byte{"psm": nil, "cops": []byte("0")}))
	for range 2 {
		require.Equal(t, []string{"cops", "empty", "mode"}, s.Settings())
		v, ok := s.Setting("mode")
		require.True(t, ok)
		require.Equal(t, "1,0,1,0", string(v))
		v, ok = s.Setting("empty")
		require.True(t, ok)
		require.NotNil(t, v)
		require.Empty(t, v)
		var err error
		s, err = Open(f, Rules{}, nil)
		require.NoError(t, err)
	}
	steps := f.Steps()
	require.NoError(t, s.SaveSettings(nil))
	require.Greater(t, f.Steps(), steps, "it writes in any case")
}

func TestFactoryReset(t *testing.T) {
	s, f := newStore(t, 8, Rules{}, system...)
	fill := func() {
		require.NoError(t, s.Write(Key{1, RootCA}, []byte("ca")))
		require.NoError(t, s.SaveSettings(map[string][]byte{"mode": []byte("1")}))
	}
	fill()
	require.NoError(t, s.FactoryReset(false))
	require.Equal(t, image{"1,0": "ca"}, contents(t, s))
	fill()
	require.NoError(t, s.FactoryReset(true))
	require.Equal(t, image{}, contents(t, s))
	require.Len(t, slices.Collect(s.All()), len(system))
	s, err := Open(f, Rules{}, system)
	require.NoError(t, err)
	require.Equal(t, image{}, contents(t, s))
	fill()
	require.Len(t, contents(t, s), 2)
}

// A fresh flash needs not one step, and next to no memory, until something is
// written.
func TestFreshStore(t *testing.T) {
	s, f := newStore(t, 0, Rules{})
	require.Zero(t, s.Len())
	require.ErrorIs(t, s.Delete(Key{1, RootCA}), ErrNotFound)
	require.Zero(t, f.Steps())
	require.NoError(t, s.Write(Key{1, RootCA}, []byte("ca")))
	require.Zero(t, f.Stats().Erases, "a factory-fresh page needs no erase")

	_, err := Open(must(flash.New(flash.Options{Pages: 3})), Rules{}, nil)
	require.ErrorContains(t, err, "4 or more")
}

// A store without a credential takes less than 4 kB, its flash included.
func TestMemoryOfAFreshStore(t *testing.T) {
	const n = 200
	keep := make([]*Store, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range keep {
		keep[i], _ = newStore(t, 0, Rules{}, system...)
	}
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(keep)
	each := float64(after.TotalAlloc-before.TotalAlloc) / n // what was freed again included
	t.Logf("%.0f bytes", each)
	require.Less(t, each, 2500.0)
}

// Asking whether a credential is there, and for its digest, allocates nothing.
func TestEntryDoesNotAllocate(t *testing.T) {
	s, _ := newStore(t, 8, Rules{})
	k := Key{24, RootCA}
	require.NoError(t, s.Write(k, amazonRootCA1(t)))
	buf := make([]byte, 0, 64)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		e, err := s.Entry(k)
		if err != nil {
			t.Fatal(err)
		}
		buf = s.ShownDigest(e).Append(buf[:0])
	}))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A record whose content has changed behind the store's back is not handed out.
func TestDamage(t *testing.T) {
	s, f := newStore(t, 4, Rules{})
	require.NoError(t, s.Write(Key{1, RootCA}, []byte("AAAA")))
	zero := []byte{0, 0, 0, 0}
	require.NoError(t, f.Program(0, pageHeaderSize+headerSize, zero))
	_, err := Open(f, Rules{}, nil)
	require.ErrorIs(t, err, ErrDamaged)
}

// Pages that no store leaves behind, each with a right checksum.
func TestImpossiblePages(t *testing.T) {
	none := uint32(notReclaiming)
	tests := []struct {
		name   string
		pages  []pageHeader
		reason string
	}{
		{"same number", []pageHeader{{2, none}, {1, none}, {2, none}}, "pages 0 and 2 have the same number"},
		{"replaced page is there", []pageHeader{{1, none}, {2, 1}, {3, none}}, "page 1 replaces one that is still there"},
		{"replaces itself", []pageHeader{{1, none}, {2, 2}}, "page 1 replaces"},
		{"no spare page", []pageHeader{{1, none}, {2, none}, {3, none}, {4, none}}, "no spare page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := must(flash.New(flash.Options{Pages: minPages}))
			for i, h := range tt.pages {
				b := h.encode()
				require.NoError(t, f.Program(i, 0, b[:]))
			}
			_, err := Open(f, Rules{}, nil)
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, tt.reason)
		})
	}
}

func TestTypeNames(t *testing.T) {
	require.Equal(t, "client private key", PrivateKey.String())
	require.Equal(t, "type 12", CredentialType(12).String())
}

// When pages wear out in the middle of a write, reclaiming may come to a page
// that holds parts of the content being written.
func TestReclaimKeepsWhatIsBeingWritten(t *testing.T) {
	s, f := newStore(t, 6, Rules{})
	require.NoError(t, s.Write(Key{1, RootCA}, []byte("other")))
	e := entry{key: Key{2, RootCA}, id: s.nextID, parts: make([]place, 0, 2)}
	s.pending, s.log.charge = &e, &e.cost
	at, err := s.log.append(&record{kind: kindCredential, parts: 2, key: e.key, id: e.id, length: 10, total: 20}, []byte("first part"))
	require.NoError(t, err)
	e.parts = append(e.parts, at)
	for range 3 {
		old := s.log.pages[0]
		require.NoError(t, s.log.reclaimOldest())
		require.NotEqual(t, old, e.parts[0].page)
	}
	b := make([]byte, 10)
	require.NoError(t, e.parts[0].read(f, b))
	require.Equal(t, "first part", string(b))
}

// The password of a private key is kept with it and is no part of it.
func TestPassword(t *testing.T) {
	s, f := newStore(t, 8, Rules{})
	key := Key{SecTag: 24, Type: PrivateKey}
	check := func(content, password string) {
		t.Helper()
		for _, s := range []*Store{s, reopened(t, f)} {
			got, err := s.Secret(key)
			require.NoError(t, err)
			require.Equal(t, content, string(got))
			require.Equal(t, password, string(s.Password(key)))
			e, err := s.Entry(key)
			require.NoError(t, err)
			require.Equal(t, len(content), e.Size)
			require.Equal(t, Digest(sha256.Sum256([]byte(content))), e.Digest)
		}
	}
	require.NoError(t, s.WriteWithPassword(key, []byte("key"), []byte("secret")))
	check("key", "secret")
	long := strings.Repeat("k", maxPart-3) // the password lies in two parts
	require.NoError(t, s.WriteWithPassword(key, []byte(long), []byte("secret")))
	check(long, "secret")
	for n := range 200 { // until all pages have been reclaimed
		require.NoError(t, s.Write(Key{SecTag: 1}, []byte(strings.Repeat("c", 900+n))))
	}
	check(long, "secret")
	require.ErrorIs(t, s.WriteWithPassword(key, []byte("key"), make([]byte, maxPassword+1)), ErrTooLarge)
	check(long, "secret")
	require.NoError(t, s.Write(key, []byte("plain")))
	check("plain", "")

	psk := Key{SecTag: 24, Type: PSK}
	require.NoError(t, s.WriteWithPassword(psk, []byte("00"), []byte("secret")))
	require.Empty(t, s.Password(psk), "other types ignore it")
	require.Empty(t, s.Password(Key{SecTag: 25, Type: PrivateKey}))
}

func reopened(t *testing.T, f *flash.Flash) *Store {
	s, err := Open(f, Rules{}, nil)
	require.NoError(t, err)
	return s
}
