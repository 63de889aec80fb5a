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
// and the only one that it reads. Version 1 counted all words programmed where
// version 2 counts those before the last erase.
const FormatVersion = 2

const (
	magic        = "NRF91NVM"
	headerBytes  = 24 // covered by the checksum that follows
	startsOffset = 32

	writesOffset = PageSize         // two bits per word
	writesSize   = WordsPerPage / 4 // bytes
	memSize      = writesOffset + writesSize
	markOffset   = memSize
	markSize     = 16
	blockSize    = PageSize + 512
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
	case le.Uint32(b[8:]) == 1:
		return fmt.Errorf("%w: version 1, this program reads version %d; delete it to start factory-fresh", ErrDamaged, FormatVersion)
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

// FromImage makes a flash in memory from the bytes of an image. It counts a
// start. Errors are ErrNotImage, ErrDamaged and ErrNewerFormat, or say what is
// wrong with the options.
func FromImage(image []byte, opts Options) (*Flash, error) {
	f, err := fromImage(image, opts)
	if err == nil {
		f.countStart()
	}
	return f, err
}

func fromImage(image []byte, opts Options) (*Flash, error) {
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
		return nil, lengthError(int64(len(image)), f.count)
	}
	f.pages = make([]page, f.count)
	for i := range f.pages {
		if err := f.pages[i].load(image[blockOffset(i):][:blockSize]); err != nil {
			return nil, fmt.Errorf("%w: page %d: %w; delete it to start factory-fresh", ErrDamaged, i, err)
		}
	}
	return f, nil
}

func lengthError(size int64, pages int) error {
	return fmt.Errorf("%w: it is %d bytes long, %d pages take %d; delete it to start factory-fresh", ErrDamaged, size, pages, imageSize(pages))
}

// blockOffset is where the block of a page begins in an image.
func blockOffset(page int) int { return HeaderSize + page*blockSize }

// load takes over a block of an image and checks that a flash could have come
// into this state.
func (p *page) load(block []byte) error {
	le := binary.LittleEndian
	mark := block[markOffset:][:markSize]
	p.erases, p.state, p.before = le.Uint32(mark), le.Uint32(mark[4:]), le.Uint64(mark[8:])
	if p.state > stateWornOut {
		return fmt.Errorf("there is no state %d", p.state)
	}
	if p.before > 1<<60 {
		return fmt.Errorf("no flash programs %d words", p.before)
	}
	if !blank(block[markOffset+markSize:]) {
		return fmt.Errorf("there is something behind its counters")
	}
	if blank(block[:markOffset]) {
		return nil
	}
	p.mem = new([memSize]byte)
	copy(p.mem[:], block)
	if p.state == stateHalfErased {
		clear(p.mem[writesOffset:]) // they went into the counter before the erase
		return nil
	}
	for i, b := range p.mem[writesOffset:] {
		for j := range 4 {
			off := i*16 + j*WordSize
			switch writes := b >> (2 * j) & 3; {
			case writes > MaxWrites:
				return fmt.Errorf("the word at offset %d was programmed more often than possible", off)
			case writes == 0 && le.Uint32(p.mem[off:]) != 0:
				return fmt.Errorf("the word at offset %d has contents, but was never programmed", off)
			default:
				p.used += uint32(writes)
			}
		}
	}
	return nil
}

// mark returns the counters and the state of a page as they are in its block.
// They are one word of 16 bytes in an image, aligned to it, and so never half
// written.
func (p *page) mark() (b [markSize]byte) {
	le := binary.LittleEndian
	le.PutUint32(b[0:], p.erases)
	le.PutUint32(b[4:], p.state)
	le.PutUint64(b[8:], p.before)
	return b
}

// Image returns a copy of the flash as the bytes of an image.
func (f *Flash) Image() []byte {
	b := make([]byte, imageSize(f.count))
	copy(b, f.header())
	for i := range f.pages {
		block := b[blockOffset(i):]
		if p := &f.pages[i]; p.mem != nil {
			copy(block, p.mem[:])
		}
		mark := f.pages[i].mark()
		copy(block[markOffset:], mark[:])
	}
	return b
}
