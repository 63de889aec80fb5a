package keys

import (
	"math"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// The encoder writes what a library writes in its canonical mode.
func TestCBOR(t *testing.T) {
	mode, err := cbor.CanonicalEncOptions().EncMode()
	require.NoError(t, err)
	for _, v := range []int64{0, 1, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64,
		-1, -2, -7, -24, -25, -256, -257, math.MinInt64} {
		want, err := mode.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, want, appendInt(nil, v), "%d", v)
	}
	for _, n := range []int{0, 1, 23, 24, 255, 256, 70000} {
		p := make([]byte, n)
		want, err := mode.Marshal(p)
		require.NoError(t, err)
		require.Equal(t, want, appendByteString(nil, p), "%d bytes", n)
	}
	want, err := mode.Marshal([]any{"Signature1", cbor.Tag{Number: selfDescribed, Content: nil}, map[int]int{1: -7}})
	require.NoError(t, err)
	got := appendTextString(appendHead(nil, cborArray, 3), "Signature1")
	got = append(appendHead(got, cborTag, selfDescribed), cborNull)
	got = appendInt(appendInt(appendHead(got, cborMap, 1), 1), -7)
	require.Equal(t, want, got)
}
