package flash

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// HeaderSize is the number of bytes in front of the first block of an image.
const HeaderSize = 4096

// FormatVersion is the version of the image format that this package writes
// and the only one that it reads.
const FormatVersion = 1

const (
	magic        = "NRF91NVM"
	headerBytes  = 24 // covered by the checksum that follows
	startsOffset = 32

	writesOffset     = PageSize         // two bits per word
	writesSize       = WordsPerPage / 4 // bytes
	erasesOffset     = writesOffset + writesSize
	programmedOffset = erasesOffset + 8
	blockSize        = PageSize + 512
)

// imageSize is the length of an image of so many pages.
func imageSize(pages int) int { return HeaderSize + pages*blockSize }

// header returns the first bytes of an image of f, checksum included.
func (f *Flash) header() []byte {
	le := binary.LittleEndian
	h := append(make([]byte, 0, HeaderSize), magic...)
	h = le.AppendUint32(h, FormatVersion)
	h = le.AppendUint32(h, PageSize)
	h = le.AppendUint32(h, uint32(f.count))
	h = le.AppendUint32(h, f.endurance)
	h = le.AppendUint32(h, crc32.ChecksumIEEE(h))
	h = le.AppendUint32(h, 0)
	h = le.AppendUint64(h, f.starts)
	return h[:HeaderSize]
}

// parseHeader reads geometry and counters from the first bytes of an image.
func (f *Flash) parseHeader(b []byte) error {
	le := binary.LittleEndian
	switch {
	case len(b) < len(magic) || string(b[:len(magic)]) != magic:
		return fmt.Errorf("%w; name another file, or one that does not exist yet", ErrNotImage)
	case len(b) < HeaderSize:
		return fmt.Errorf("%w: it ends after %d bytes, within the header; delete it to start factory-fresh", ErrDamaged, len(b))
	case le.Uint32(b[headerBytes:]) != crc32.ChecksumIEEE(b[:headerBytes]):
		return fmt.Errorf("%w: the checksum of its header is wrong; delete it to start factory-fresh", ErrDamaged)
	case le.Uint32(b[8:]) > FormatVersion:
		return fmt.Errorf("%w: version %d, this program reads version %d; use a newer nrf91emu", ErrNewerFormat, le.Uint32(b[8:]), FormatVersion)
	case le.Uint32(b[8:]) != FormatVersion:
		return fmt.Errorf("%w: there is no format version %d; delete it to start factory-fresh", ErrDamaged, le.Uint32(b[8:]))
	case le.Uint32(b[12:]) != PageSize:
		return fmt.Errorf("%w: pages of %d bytes are impossible, a page has %d; delete it to start factory-fresh", ErrDamaged, le.Uint32(b[12:]), PageSize)
	}
	pages := le.Uint32(b[16:])
	if pages < 1 || pages > MaxPages {
		return fmt.Errorf("%w: %d pages are impossible; delete it to start factory-fresh", ErrDamaged, pages)
	}
	f.count = int(pages)
	f.endurance = le.Uint32(b[20:])
	f.starts = le.Uint64(b[startsOffset:])
	return nil
}

// FromImage makes a flash over an image: the bytes stay in use and are changed
// by what is done with the flash. It counts a start. Errors are ErrNotImage,
// ErrDamaged and ErrNewerFormat, or say what is wrong with the options.
func FromImage(image []byte, opts Options) (*Flash, error) {
	f := &Flash{cutAt: math.MaxUint64}
	if err := f.parseHeader(image); err != nil {
		return nil, err
	}
	if opts.Pages != 0 && opts.Pages != f.count {
		return nil, fmt.Errorf("flash: the image has %d pages, not %d; leave the number out or name another file", f.count, opts.Pages)
	}
	if err := f.setEndurance(opts.Endurance); err != nil {
		return nil, err
	}
	if len(image) != imageSize(f.count) {
		return nil, fmt.Errorf("%w: it is %d bytes long, %d pages take %d; delete it to start factory-fresh", ErrDamaged, len(image), f.count, imageSize(f.count))
	}
	f.image = image
	f.pages = make([]page, f.count)
	for i := range f.pages {
		off := HeaderSize + i*blockSize
		if err := f.pages[i].load((*[blockSize]byte)(image[off : off+blockSize])); err != nil {
			return nil, fmt.Errorf("%w: page %d: %w; delete it to start factory-fresh", ErrDamaged, i, err)
		}
	}
	f.countStart()
	return f, nil
}

// load takes over a block of an image and checks that a flash could have come
// into this state.
func (p *page) load(mem *[blockSize]byte) error {
	le := binary.LittleEndian
	p.mem = mem
	p.erases = le.Uint32(mem[erasesOffset:])
	p.state = le.Uint32(mem[erasesOffset+4:])
	p.programmed = le.Uint64(mem[programmedOffset:])
	if p.state > stateWornOut {
		return fmt.Errorf("there is no state %d", p.state)
	}
	if p.programmed > 1<<60 {
		return fmt.Errorf("no flash programs %d words", p.programmed)
	}
	var programmed uint64
	for i, b := range mem[writesOffset : writesOffset+writesSize] {
		if b == 0 && p.state == stateReady && !blank(mem[i*16:i*16+16]) {
			return fmt.Errorf("a word near offset %d has contents, but was never programmed", i*16)
		}
		for j := range 4 {
			writes := b >> (2 * j) & 3
			if writes > MaxWrites {
				return fmt.Errorf("the word at offset %d was programmed more often than possible", i*16+j*WordSize)
			}
			programmed += uint64(writes)
		}
	}
	switch {
	case p.state == stateHalfErased || programmed <= p.programmed:
	case programmed == p.programmed+1: // a kill between the two counters of a step
		p.programmed = programmed
		le.PutUint64(mem[programmedOffset:], programmed)
	default:
		return fmt.Errorf("its words were programmed %d times, its counter says %d", programmed, p.programmed)
	}
	return nil
}

// Image returns a copy of the flash as the bytes of an image.
func (f *Flash) Image() []byte {
	if f.image != nil {
		return append([]byte(nil), f.image...)
	}
	b := make([]byte, imageSize(f.count))
	copy(b, f.header())
	for i := range f.pages {
		p := &f.pages[i]
		block := b[HeaderSize+i*blockSize:][:blockSize]
		if p.mem != nil {
			copy(block, p.mem[:])
		}
		le := binary.LittleEndian
		le.PutUint64(block[erasesOffset:], uint64(p.state)<<32|uint64(p.erases))
		le.PutUint64(block[programmedOffset:], p.programmed)
	}
	return b
}
