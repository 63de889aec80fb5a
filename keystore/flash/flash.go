package flash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Geometry and limits.
const (
	PageSize     = 4096                // bytes per page, the unit of erasing
	WordSize     = 4                   // bytes per word, the unit of programming
	WordsPerPage = PageSize / WordSize // words per page
	MaxWrites    = 2                   // times a word may be programmed between erases (nWRITE)

	DefaultPages     = 64    // pages when Options.Pages is 0 (free choice)
	MaxPages         = 4096  // most pages that a flash may have (free choice)
	DefaultEndurance = 10000 // erase cycles when Options.Endurance is 0
	Endless          = -1    // for Options.Endurance: pages never wear out
)

// Options says what kind of flash to make. The zero value is the usual one.
type Options struct {
	// Pages is the number of pages, 1 to MaxPages; 0 means DefaultPages or,
	// for an image that exists, as many as it has.
	Pages int
	// Endurance is the number of erase cycles of each page; 0 means
	// DefaultEndurance or, for an image that exists, what it was made with.
	// Endless takes the limit away. For an image that exists another value
	// counts until it is closed.
	Endurance int
	// ReadOnly makes Open load a file into memory and leave the file as it is:
	// what is programmed afterwards is lost. The file must exist.
	ReadOnly bool
}

// Flash is an emulated NOR flash. Its methods are for one goroutine at a time.
type Flash struct {
	// Observer, when set, is called after each call of Program or Erase that
	// did something, before that call returns. It must not use the Flash.
	Observer func(Op)

	pages     []page // nil until the first step of a fresh flash
	count     int    // number of pages
	endurance uint32 // 0: endless
	starts    uint64

	steps  uint64 // steps taken so far
	cutAt  uint64 // the step in which the power fails; never: math.MaxUint64
	tear   Tear
	off    bool
	closed bool

	file   *imageFile // nil for a flash in memory
	broken error      // why the file does not follow any more
}

// page is what the flash knows about one page. Its memory, if it has any, is
// laid out as a block of an image.
type page struct {
	mem    *[memSize]byte // nil: erased and not written since
	before uint64         // words programmed from new to the last erase
	used   uint32         // times a word was programmed since
	erases uint32
	state  uint32
}

// programmed returns the number of words programmed since the flash was new.
func (p *page) programmed() uint64 { return p.before + uint64(p.used) }

// States of a page as an image holds them.
const (
	stateReady      = 0
	stateHalfErased = 1
	stateWornOut    = 2
)

// OpKind tells programming from erasing.
type OpKind uint8

// The operations that change a flash.
const (
	OpProgram OpKind = iota
	OpErase
)

// String returns "program" or "erase".
func (k OpKind) String() string {
	if k == OpErase {
		return "erase"
	}
	return "program"
}

// Op describes one call of Program or Erase for the observer.
type Op struct {
	Kind   OpKind
	Page   int
	Offset int    // in bytes, where programming began; 0 for an erase
	Words  int    // words programmed, the torn one included; 0 for an erase
	Erases uint32 // erase cycles of the page so far
	Err    error  // why it did not get further: power cut, violation, worn out
}

// New makes a factory-fresh flash in memory: every page erased, nothing
// counted. Memory is taken page by page when it is first programmed.
func New(opts Options) (*Flash, error) {
	f := &Flash{cutAt: math.MaxUint64, starts: 1}
	if err := f.configure(opts); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Flash) configure(opts Options) error {
	f.count = opts.Pages
	if opts.Pages == 0 {
		f.count = DefaultPages
	}
	if f.count < 1 || f.count > MaxPages {
		return fmt.Errorf("flash: %d pages asked for; choose 1 to %d", opts.Pages, MaxPages)
	}
	f.endurance = DefaultEndurance
	return f.setEndurance(opts.Endurance)
}

// setEndurance applies Options.Endurance, where 0 keeps what is there.
func (f *Flash) setEndurance(n int) error {
	switch {
	case n == Endless:
		f.endurance = 0
	case n < 0 || int64(n) > math.MaxUint32:
		return fmt.Errorf("flash: endurance of %d cycles asked for; choose a positive number or Endless", n)
	case n > 0:
		f.endurance = uint32(n)
	}
	return nil
}

// Pages returns the number of pages.
func (f *Flash) Pages() int { return f.count }

// Read copies the bytes from offset off of a page into dst. It may begin and
// end anywhere in the page.
func (f *Flash) Read(page, off int, dst []byte) error {
	switch {
	case f.off:
		return pageError(f.down(), page)
	case page < 0 || page >= f.count || off < 0 || off > PageSize || len(dst) > PageSize-off:
		return wordError(ErrRange, page, off)
	}
	if f.pages == nil || f.pages[page].mem == nil {
		for i := range dst {
			dst[i] = 0xFF
		}
		return nil
	}
	src := f.pages[page].mem[off : off+len(dst)]
	for len(src) >= 8 {
		binary.LittleEndian.PutUint64(dst, ^binary.LittleEndian.Uint64(src))
		src, dst = src[8:], dst[8:]
	}
	for i, b := range src {
		dst[i] = ^b
	}
	return nil
}

// Program writes data, word by word in ascending order, to offset off of a
// page. Offset and length are multiples of WordSize and the data ends within
// the page. When a word cannot be programmed, the words before it have been.
func (f *Flash) Program(page, off int, data []byte) error {
	switch {
	case f.off:
		return pageError(f.down(), page)
	case page < 0 || page >= f.count || off < 0 || off > PageSize || len(data) > PageSize-off:
		return wordError(ErrRange, page, off)
	case off%WordSize != 0 || len(data)%WordSize != 0:
		return wordError(ErrAlignment, page, off)
	}
	p := f.touch(page)
	switch p.state {
	case stateHalfErased:
		return pageError(ErrHalfErased, page)
	case stateWornOut:
		return pageError(ErrWornOut, page)
	}
	if p.mem == nil {
		p.mem = new([memSize]byte)
	}
	if err := f.checkFile(); err != nil {
		return pageError(err, page)
	}
	words := 0
	var err error
	for i := 0; i < len(data); i += WordSize {
		started, e := f.programWord(p, off+i, binary.LittleEndian.Uint32(data[i:]))
		if started {
			words++
		}
		if e != nil {
			err = wordError(e, page, off+i)
			break
		}
	}
	if e := f.saveWords(page, off, words); e != nil {
		err = pageError(e, page)
	}
	if f.Observer != nil && (words > 0 || err != nil) {
		f.Observer(Op{Kind: OpProgram, Page: page, Offset: off, Words: words, Erases: p.erases, Err: err})
	}
	return err
}

// programWord is one step: it programs the word at off to value and reports
// whether the word was programmed, if only in part.
func (f *Flash) programWord(p *page, off int, value uint32) (started bool, err error) {
	cell := p.mem[off : off+WordSize]
	stored := binary.LittleEndian.Uint32(cell) // inverted: a 1 here is a 0 bit
	writes, shift := &p.mem[writesOffset+off/16], off/WordSize%4*2
	if value&stored != 0 {
		return false, ErrNotErased
	}
	if *writes>>shift&3 >= MaxWrites {
		return false, ErrProgramLimit
	}
	cleared := ^value &^ stored
	step := f.steps
	f.steps++
	if step == f.cutAt {
		f.off = true
		if f.tear == NotBegun {
			return false, ErrPowerCut
		}
		cleared = f.tear.bits(cleared, step)
		err = ErrPowerCut
	}
	*writes += 1 << shift
	p.used++
	binary.LittleEndian.PutUint32(cell, stored|cleared)
	return true, err
}

// Erase turns all bits of a page to 1. It costs the page one erase cycle, also
// when the power is cut meanwhile.
func (f *Flash) Erase(page int) error {
	switch {
	case f.off:
		return pageError(f.down(), page)
	case page < 0 || page >= f.count:
		return pageError(ErrRange, page)
	}
	p := f.touch(page)
	if p.state == stateWornOut {
		return pageError(ErrWornOut, page)
	}
	err := f.checkFile()
	if err == nil {
		err = f.erase(page, p)
	}
	if err != nil {
		err = pageError(err, page)
	}
	if f.Observer != nil {
		f.Observer(Op{Kind: OpErase, Page: page, Erases: p.erases, Err: err})
	}
	return err
}

// erase is one step. Into the file it goes in three: the page is marked as half
// erased, then it is cleared, then it is marked as ready.
func (f *Flash) erase(i int, p *page) error {
	step := f.steps
	f.steps++
	cut := step == f.cutAt
	if cut {
		f.off = true
		if f.tear == NotBegun {
			return ErrPowerCut
		}
	}
	if f.endurance != 0 && p.erases >= f.endurance {
		p.state = stateWornOut
		if err := f.saveMark(i); err != nil {
			return err
		}
		return ErrWornOut
	}
	p.before, p.used = p.programmed(), 0
	p.erases++
	if cut && f.tear != Complete {
		if p.mem == nil {
			p.mem = new([memSize]byte)
		}
		p.state = stateHalfErased
		f.tear.garble(p.mem[:PageSize], step)
		clear(p.mem[writesOffset:])
		if err := errors.Join(f.saveMark(i), f.saveContents(i)); err != nil {
			return err
		}
		return ErrPowerCut
	}
	if p.mem != nil {
		p.mem = nil
		p.state = stateHalfErased
		if err := errors.Join(f.saveMark(i), f.saveContents(i)); err != nil {
			return err
		}
	}
	p.state = stateReady
	if err := f.saveMark(i); err != nil {
		return err
	}
	if cut {
		return ErrPowerCut
	}
	return nil
}

// touch returns a page in order to change it.
func (f *Flash) touch(i int) *page {
	if f.pages == nil {
		f.pages = make([]page, f.count)
	}
	return &f.pages[i]
}

// Clone returns a copy in memory of the flash as it is now, contents, counters
// and power, without the observer and without a planned power cut.
func (f *Flash) Clone() *Flash {
	c := &Flash{count: f.count, endurance: f.endurance, starts: f.starts,
		steps: f.steps, cutAt: math.MaxUint64, off: f.off}
	if f.pages == nil {
		return c
	}
	c.pages = make([]page, f.count)
	copy(c.pages, f.pages)
	for i := range c.pages {
		p := &c.pages[i]
		if p.mem == nil {
			continue
		}
		mem := *p.mem
		p.mem = &mem
	}
	return c
}

func blank(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}
