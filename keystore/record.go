package keystore

import (
	"encoding/binary"
	"hash/crc32"

	"nrf91emu/keystore/flash"
)

// The layout of pages and records; see the package comment.
const (
	pageMagic      = 0x4D56_4E91 // in a page that belongs to the log
	pageHeaderSize = 16
	pageRoom       = flash.PageSize - pageHeaderSize // bytes for records

	headerSize  = 28
	trailerSize = 8
	overhead    = headerSize + trailerSize
	commitWord  = 0x3CA5_691B

	// maxRecord is such that a page takes four records of this size. It bounds
	// what is lost at the end of a page that the next record does not fit in.
	maxRecord = pageRoom / 4 / flash.WordSize * flash.WordSize
	maxPart   = maxRecord - overhead // content bytes in a record

	lastNumber = 0xFFFF_0000 // page numbers and ids beyond are impossible
)

// kind tells what a record says.
type kind uint8

// Kinds of records; their order has no meaning.
const (
	kindCredential kind = 1 // holds (a part of) a credential
	kindDelete     kind = 2 // a credential is gone
	kindSettings   kind = 3 // holds (a part of) all settings
	kindReset      kind = 4 // settings are gone; with flagAll credentials too
)

const (
	flagGenerated = 1 << 0 // made on the device
	flagAll       = 1 << 1

	// The second byte of the flags is the length of a password that stands behind
	// the content of a credential and belongs to all of its parts.
	passwordShift = 8
	maxPassword   = 0xFF
)

// password returns how many bytes at the end of all parts are a password.
func (r *record) password() int { return int(r.flags >> passwordShift & maxPassword) }

// record is the header of a record.
type record struct {
	kind   kind
	parts  uint8 // number of parts, 1 or more
	part   uint8 // number of this part, from 0
	key    Key
	id     uint32 // from 1
	length uint16 // content bytes in this record
	total  uint16 // content bytes in all parts
	writes uint32
	flags  uint32
}

// size returns the bytes that a record with so much content takes in a page.
func recordSize(length int) int {
	return overhead + (length+flash.WordSize-1)/flash.WordSize*flash.WordSize
}

// encode writes the record to buf, which must have room, and returns its bytes.
func (r *record) encode(buf, content []byte) []byte {
	le := binary.LittleEndian
	b := buf[:recordSize(len(content))]
	b[0], b[1], b[2], b[3] = byte(r.kind), r.parts, r.part, byte(r.key.Type)
	le.PutUint32(b[4:], uint32(r.key.SecTag))
	le.PutUint32(b[8:], r.id)
	le.PutUint16(b[12:], r.length)
	le.PutUint16(b[14:], r.total)
	le.PutUint32(b[16:], r.writes)
	le.PutUint32(b[20:], r.flags)
	le.PutUint32(b[24:], crc32.ChecksumIEEE(b[:24]))
	end := len(b) - trailerSize
	clear(b[headerSize+copy(b[headerSize:end], content) : end])
	le.PutUint32(b[end:], crc32.ChecksumIEEE(b[headerSize:end]))
	le.PutUint32(b[end+4:], commitWord)
	return b
}

// decode reads the header at the beginning of b and returns the size of the
// record, or 0 when there is no header, or one that cannot be.
func (r *record) decode(b []byte) int {
	le := binary.LittleEndian
	k := kind(b[0])
	if k < kindCredential || k > kindReset || le.Uint32(b[24:]) != crc32.ChecksumIEEE(b[:24]) {
		return 0
	}
	r.kind, r.parts, r.part = k, b[1], b[2]
	r.key = Key{SecTag: SecTag(le.Uint32(b[4:])), Type: CredentialType(b[3])}
	r.id = le.Uint32(b[8:])
	r.length, r.total = le.Uint16(b[12:]), le.Uint16(b[14:])
	r.writes, r.flags = le.Uint32(b[16:]), le.Uint32(b[20:])
	if r.part >= r.parts || r.id == 0 || r.id >= lastNumber || r.length > maxPart || r.total > MaxContent || r.password() > int(r.total) {
		return 0
	}
	return recordSize(int(r.length))
}

// committed reports whether the last word of a record says that all of it was
// written.
func committed(b []byte) bool { return binary.LittleEndian.Uint32(b) == commitWord }

// intact reports whether the content of a whole record has its checksum.
func intact(b []byte) bool {
	end := len(b) - trailerSize
	return binary.LittleEndian.Uint32(b[end:]) == crc32.ChecksumIEEE(b[headerSize:end])
}

// pageHeader makes an erased page one of the log.
type pageHeader struct {
	number    uint32 // counts the pages opened, from 1
	reclaimed uint32 // number of the page for whose reclaiming it was opened, or notReclaiming
}

const notReclaiming = 0xFFFF_FFFF

func (h pageHeader) encode() [pageHeaderSize]byte {
	var b [pageHeaderSize]byte
	le := binary.LittleEndian
	le.PutUint32(b[0:], pageMagic)
	le.PutUint32(b[4:], h.number)
	le.PutUint32(b[8:], h.reclaimed)
	le.PutUint32(b[12:], crc32.ChecksumIEEE(b[:12]))
	return b
}

// decode reads the header of a page and reports whether it belongs to the log.
func (h *pageHeader) decode(b []byte) bool {
	le := binary.LittleEndian
	if le.Uint32(b) != pageMagic {
		return false
	}
	h.number, h.reclaimed = le.Uint32(b[4:]), le.Uint32(b[8:])
	return h.number > 0 && h.number < lastNumber && h.reclaimed > 0 &&
		le.Uint32(b[12:]) == crc32.ChecksumIEEE(b[:12])
}

// mend reads the header of a page in which one bit is wrong, so that a page does
// not vanish with all that is in it. A cut can leave such a header too: of a page
// being opened, which is empty then, and of a page being retired, from which
// everything has been copied; for both it does no harm that they are there.
func (h *pageHeader) mend(b []byte) bool {
	wrong := [pageHeaderSize]byte(b)
	for i := range 8 * pageHeaderSize {
		wrong[i/8] ^= 1 << (i % 8)
		if h.decode(wrong[:]) {
			return true
		}
		wrong[i/8] ^= 1 << (i % 8)
	}
	return false
}

// place is where a part of a content lies.
type place struct {
	page   uint16
	off    uint16 // of the record in the page
	length uint16 // of the content
}

func (p place) read(f *flash.Flash, dst []byte) error {
	return f.Read(int(p.page), int(p.off)+headerSize, dst[:p.length])
}
