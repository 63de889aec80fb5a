package keystore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore/flash"
)

func newStore(t testing.TB, pages int, rules Rules, system ...SystemEntry) (*Store, *flash.Flash) {
	f, err := flash.New(flash.Options{Pages: pages})
	require.NoError(t, err)
	s, err := Open(f, rules, system)
	require.NoError(t, err)
	return s, f
}

// One small credential is rewritten all the time beside many that never
// change: the pages still wear alike.
func TestWearIsSpread(t *testing.T) {
	s, f := newStore(t, 32, Rules{})
	for tag := range SecTag(20) {
		require.NoError(t, s.Write(Key{tag, RootCA}, []byte(text(1500, byte(tag)))))
	}
	for i := range 100_000 {
		require.NoError(t, s.Write(Key{24, PSK}, fmt.Appendf(nil, "%032x", i)))
	}
	st := f.Stats()
	t.Logf("erases per page: %d to %d; %d in all; %.2f bytes programmed for each byte written",
		st.MinErases, st.MaxErases, st.Erases, float64(st.Programmed)*flash.WordSize/(100_000*(32+overhead)))
	require.Greater(t, st.MinErases, uint32(50))
	require.LessOrEqual(t, st.MaxErases-st.MinErases, uint32(1))

	w := s.Wear()
	require.Len(t, w.Credentials, 21)
	require.Equal(t, CredentialWear{Key: Key{24, PSK}, Cost: Cost{
		Writes: 100_000, Bytes: w.Credentials[20].Bytes, Erases: w.Credentials[20].Erases}}, w.Credentials[20])
	erases := w.Reclaim.Erases
	bytes := w.Reclaim.Bytes
	for _, c := range w.Credentials {
		erases += c.Erases
		bytes += c.Bytes
	}
	require.Equal(t, st.Erases, uint64(erases), "every erase is charged to somebody")
	require.Equal(t, st.Programmed*flash.WordSize, bytes, "every byte is charged to somebody")
}

// The store lives on while pages wear out, until nothing fits any more; what is
// in it stays readable.
func TestWornOutPagesAreLeftOut(t *testing.T) {
	f, err := flash.New(flash.Options{Pages: 6, Endurance: 15})
	require.NoError(t, err)
	s, err := Open(f, Rules{}, nil)
	require.NoError(t, err)
	static := text(1188, 1)
	require.NoError(t, s.Write(Key{1, RootCA}, []byte(static)))
	last := ""
	writes := 0
	for ; ; writes++ {
		require.Less(t, writes, 100_000, "pages wear out")
		next := text(500, byte(writes))
		if err = s.Write(Key{2, RootCA}, []byte(next)); err != nil {
			break
		}
		last = next
		if writes%7 == 0 {
			s, err = Open(f, Rules{}, nil)
			require.NoError(t, err)
		}
	}
	require.ErrorIs(t, err, ErrFull)
	require.NotZero(t, f.Stats().WornPages)
	t.Logf("%d writes, %d pages worn out", writes, f.Stats().WornPages)
	for range 2 {
		for k, want := range map[Key]string{{1, RootCA}: static, {2, RootCA}: last} {
			got, _, err := s.Read(k)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
		}
		s, err = Open(f, Rules{}, nil)
		require.NoError(t, err)
	}
}

func TestWearIsCountedByCause(t *testing.T) {
	s, f := newStore(t, 8, Rules{})
	ca := Key{24, RootCA}
	for range 3 {
		require.NoError(t, s.Write(ca, []byte("same")))
	}
	require.NoError(t, s.Delete(ca))
	require.NoError(t, s.Write(ca, []byte("again")))
	require.NoError(t, s.SaveSettings(map[string][]byte{"mode": []byte("1")}))
	require.NoError(t, s.SaveSettings(nil))
	require.NoError(t, s.FactoryReset(false))
	require.NoError(t, s.Write(Key{25, PSK}, []byte("aa")))
	require.NoError(t, s.Delete(Key{25, PSK}))

	check := func(w Wear) {
		require.Len(t, w.Credentials, 2)
		require.Equal(t, uint32(4), w.Credentials[0].Writes, "a delete does not hide earlier writes")
		require.False(t, w.Credentials[0].Deleted)
		require.Equal(t, Key{25, PSK}, w.Credentials[1].Key)
		require.Equal(t, uint32(1), w.Credentials[1].Writes)
		require.True(t, w.Credentials[1].Deleted)
		require.Equal(t, uint32(1), w.FactoryReset.Writes)
	}
	w := s.Wear()
	check(w)
	require.Equal(t, uint32(2), w.Settings.Writes)

	s, err := Open(f, Rules{}, nil)
	require.NoError(t, err)
	check(s.Wear())
	e, err := s.Entry(ca)
	require.NoError(t, err)
	require.Equal(t, uint32(4), e.Writes)
}

// What is deleted over and over under ever new tags does not fill the memory.
func TestDeletedCredentialsAreForgotten(t *testing.T) {
	s, _ := newStore(t, 8, Rules{})
	for tag := range SecTag(3 * maxGhosts) {
		require.NoError(t, s.Write(Key{tag, PSK}, []byte("00")))
		require.NoError(t, s.Delete(Key{tag, PSK}))
	}
	w := s.Wear()
	require.Len(t, w.Credentials, maxGhosts)
	require.Equal(t, uint32(2*maxGhosts), w.Forgotten.Writes)
}
