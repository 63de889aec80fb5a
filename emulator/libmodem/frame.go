package libmodem

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
)

// Version is the version of the protocol.
const Version = 1

// MaxPayload bounds the payload of a frame, in bytes.
const MaxPayload = 1 << 20

const headerSize = 8

// Types of requests and of events.
const (
	typeHello    = 1
	typeInit     = 2
	typeShutdown = 3
	typeAT       = 4

	typeSocket    = 16
	typeClose     = 17
	typeConnect   = 18
	typeBind      = 19
	typeListen    = 20
	typeAccept    = 21
	typeSend      = 22
	typeRecv      = 23
	typeSetOption = 24
	typeOption    = 25
	typeName      = 26
	typeLookup    = 27
	typePoll      = 28
	typeWait      = 29

	typeGNSSSet   = 32
	typeGNSSStart = 33
	typeGNSSStop  = 34
	typeGNSSRead  = 35

	typeLEDs    = 48
	typeButtons = 49
	typeLog     = 50
	typeReset   = 51
	typeExit    = 52

	eventNotification = 128
	eventFault        = 129
	eventPower        = 130
	eventButton       = 131
	eventSocket       = 132
	eventGNSS         = 133
	eventTaken        = 134
)

// Actions of the event Power.
const (
	powerGone  = 0
	powerReset = 1
)

// header is the beginning of a frame.
type header struct {
	size int
	typ  uint8
	id   uint16
}

func parseHeader(b []byte) header {
	return header{int(binary.LittleEndian.Uint32(b)), b[4], binary.LittleEndian.Uint16(b[6:])}
}

// beginFrame appends a header whose size endFrame fills in.
func beginFrame(b []byte, typ uint8, id uint16) []byte {
	b = append(b, 0, 0, 0, 0, typ, 0)
	return binary.LittleEndian.AppendUint16(b, id)
}

// endFrame sets the size of the frame that begins at start.
func endFrame(b []byte, start int) []byte {
	binary.LittleEndian.PutUint32(b[start:], uint32(len(b)-start-headerSize))
	return b
}

// errTooLong is returned for a frame whose payload is longer than MaxPayload.
var errTooLong = errors.New("the payload is too long")

// readFrame reads a frame. The payload is read into buf if it fits.
func readFrame(r io.Reader, buf []byte) (h header, payload []byte, err error) {
	if cap(buf) < headerSize {
		buf = make([]byte, headerSize, 512)
	}
	if _, err := io.ReadFull(r, buf[:headerSize]); err != nil {
		return h, nil, err
	}
	h = parseHeader(buf[:headerSize])
	if h.size > MaxPayload {
		return h, nil, fmt.Errorf("%w: %d bytes, type %d", errTooLong, h.size, h.typ)
	}
	if cap(buf) < h.size {
		buf = make([]byte, h.size)
	}
	if _, err := io.ReadFull(r, buf[:h.size]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return h, nil, err
	}
	return h, buf[:h.size], nil
}

// A fields reads the numbers of a payload. It keeps that something was missing;
// what is read then is zero.
type fields struct {
	rest  []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if len(f.rest) < n {
		f.short, f.rest = true, nil
		return make([]byte, n)
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) u8() uint8   { return f.take(1)[0] }
func (f *fields) u16() uint16 { return binary.LittleEndian.Uint16(f.take(2)) }
func (f *fields) u32() uint32 { return binary.LittleEndian.Uint32(f.take(4)) }
func (f *fields) i32() int32  { return int32(f.u32()) }
func (f *fields) handle() int { return int(f.i32()) }

// Families of addresses on the wire.
const (
	wireNone = 0
	wireIPv4 = 1
	wireIPv6 = 2
)

// addrSize is the size of an address on the wire.
const addrSize = 20

// addr reads an address; the zero AddrPort for none.
func (f *fields) addr() netip.AddrPort {
	b := f.take(addrSize)
	port := binary.LittleEndian.Uint16(b[2:])
	switch b[0] {
	case wireIPv4:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port)
	case wireIPv6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[4:20])), port)
	}
	return netip.AddrPort{}
}

func appendAddr(b []byte, a netip.AddrPort) []byte {
	start := len(b)
	b = append(b, make([]byte, addrSize)...)
	out := b[start:]
	switch ip := a.Addr().Unmap(); {
	case ip.Is4():
		out[0] = wireIPv4
		v4 := ip.As4()
		copy(out[4:], v4[:])
	case ip.Is6():
		out[0] = wireIPv6
		v6 := ip.As16()
		copy(out[4:], v6[:])
	}
	binary.LittleEndian.PutUint16(out[2:], a.Port())
	return b
}

func append32(b []byte, v ...int) []byte {
	for _, n := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}
