package keys

import "encoding/binary"

// The parts of CBOR (RFC 8949) that the modem's messages are made of. All are
// written in the shortest form.

// Major types of CBOR items.
const (
	cborUint  = 0 << 5
	cborNeg   = 1 << 5
	cborBytes = 2 << 5
	cborText  = 3 << 5
	cborArray = 4 << 5
	cborMap   = 5 << 5
	cborTag   = 6 << 5
	cborNull  = 0xf6
)

// selfDescribed is the tag that stands in front of Nordic's messages and says
// that they are CBOR (RFC 8949 3.4.6; fact keys/keygen-message).
const selfDescribed = 55799

// appendHead appends the head of an item: its major type and a number, which is
// the value, the length or the tag.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(b, major|27), n)
	}
}

// appendInt appends an integer.
func appendInt(b []byte, v int64) []byte {
	if v < 0 {
		return appendHead(b, cborNeg, uint64(-1-v))
	}
	return appendHead(b, cborUint, uint64(v))
}

// appendByteString appends a byte string.
func appendByteString(b, p []byte) []byte {
	return append(appendHead(b, cborBytes, uint64(len(p))), p...)
}

// appendTextString appends a text string.
func appendTextString(b []byte, s string) []byte {
	return append(appendHead(b, cborText, uint64(len(s))), s...)
}
