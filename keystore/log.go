package keystore

import (
	"errors"
	"fmt"
	"sync"

	"nrf91emu/keystore/flash"
)

// log is the file system under the store: pages in the order in which they
// were filled, and those that are free.
type log struct {
	flash  *flash.Flash
	pages  []uint16 // oldest first, without a gap in their numbers; the last one takes new records
	free   []uint16 // no part of the log; erased before use, see open
	stale  []uint16 // the page, if any, that an interrupted reclaiming had opened
	end    int      // where the next record goes in the last page; beyond its end when it takes none
	number uint32   // of the next page

	reclaiming uint32 // number of the page that is being reclaimed, or notReclaiming

	// locate returns where the store keeps the place of a record that lies at
	// the given place, or nil when the record does not count any more.
	locate func(r *record, at place) *place

	charge  *Cost // who pays for what is programmed and erased
	reclaim Cost
}

// errNoPage: no free page is left for the purpose.
var errNoPage = errors.New("no free page")

var pageBuffers = sync.Pool{New: func() any { return new([flash.PageSize]byte) }}

// spare is the number of free pages that only reclaiming may use.
const spare = 1

// append writes a record and returns its place.
func (l *log) append(r *record, content []byte) (place, error) {
	buf := pageBuffers.Get().(*[flash.PageSize]byte)
	defer pageBuffers.Put(buf)
	return l.appendBytes(r.encode(buf[:], content), int(r.length))
}

// appendBytes writes the bytes of a record.
func (l *log) appendBytes(b []byte, length int) (place, error) {
	for {
		if err := l.makeRoom(len(b)); err != nil {
			return place{}, err
		}
		at := place{page: l.pages[len(l.pages)-1], off: uint16(l.end), length: uint16(length)}
		err := l.program(int(at.page), l.end, b)
		if errors.Is(err, flash.ErrProgramLimit) {
			// Power failed here more than once before a single bit had
			// changed: what reads blank is not. Go on in another page.
			l.end = flash.PageSize
			continue
		}
		if err != nil {
			return place{}, err
		}
		l.end += len(b)
		return at, nil
	}
}

// makeRoom sees to it that the newest page has room for size bytes.
func (l *log) makeRoom(size int) error {
	// Each page of the log is reclaimed at most once; then all that is left is
	// what counts.
	for tries := len(l.pages); ; tries-- {
		if len(l.pages) > 0 && l.end+size <= flash.PageSize {
			return nil
		}
		err := l.open()
		if !errors.Is(err, errNoPage) {
			return err
		}
		if l.reclaiming != notReclaiming || tries <= 0 {
			return fmt.Errorf("%w: no page is left that could be reclaimed", ErrFull)
		}
		if err := l.reclaimOldest(); err != nil {
			return err
		}
	}
}

// open makes the least worn free page the newest one of the log. Only
// reclaiming may use the spare page, and those that make up for pages of the
// log which will be of no use when they have been reclaimed.
func (l *log) open() error {
	if l.number >= lastNumber {
		return fmt.Errorf("%w: its page numbers have been used up", ErrFull)
	}
	if err := l.dropSpent(); err != nil {
		return err
	}
	keep := 0
	if l.reclaiming == notReclaiming {
		keep = spare + len(l.pages) - l.usable(l.pages)
	}
	if len(l.free) <= keep {
		return errNoPage
	}
	best := 0
	for i, p := range l.free {
		if l.flash.Erases(int(p)) < l.flash.Erases(int(l.free[best])) {
			best = i
		}
	}
	page := l.free[best]
	if !l.flash.Pristine(int(page)) {
		if err := l.flash.Erase(int(page)); err != nil {
			return err
		}
		l.charge.Erases++
	}
	header := pageHeader{number: l.number, reclaimed: l.reclaiming}.encode()
	if err := l.program(int(page), 0, header[:]); err != nil {
		return err
	}
	l.removeFree(best)
	l.number++
	l.pages = append(l.pages, page)
	l.end = pageHeaderSize
	return nil
}

// dropSpent leaves out for good the free pages that cannot be erased any more.
// It has each of them fail, if it has not yet, so that the flash shows the page
// as worn out.
func (l *log) dropSpent() error {
	for i := 0; i < len(l.free); {
		page := int(l.free[i])
		if !l.flash.Spent(page) {
			i++
			continue
		}
		if err := l.flash.Erase(page); !errors.Is(err, flash.ErrWornOut) {
			return err
		}
		l.removeFree(i)
	}
	return nil
}

// usable returns how many of the pages can be erased once more.
func (l *log) usable(pages []uint16) (n int) {
	for _, p := range pages {
		if !l.flash.Spent(int(p)) {
			n++
		}
	}
	return n
}

func (l *log) removeFree(i int) {
	last := len(l.free) - 1
	l.free[i] = l.free[last]
	l.free = l.free[:last]
}

// program programs bytes and charges them.
func (l *log) program(page, off int, b []byte) error {
	l.charge.Bytes += uint64(len(b))
	return l.flash.Program(page, off, b)
}

// reclaimOldest moves what counts in the oldest page to the newest and takes
// the page out of the log.
func (l *log) reclaimOldest() error {
	defer func(c *Cost) { l.charge = c }(l.charge)
	l.charge = &l.reclaim

	buf := pageBuffers.Get().(*[flash.PageSize]byte)
	defer pageBuffers.Put(buf)
	page := l.pages[0]
	if err := l.flash.Read(int(page), 0, buf[:]); err != nil {
		return err
	}
	// The page's number is counted and not read: a bit of its header may be wrong, see mend.
	l.reclaiming = l.number - uint32(len(l.pages))
	defer func() { l.reclaiming = notReclaiming }()
	if len(l.pages) == 1 {
		l.end = flash.PageSize // its records are to go elsewhere
	}
	for off := pageHeaderSize; off+overhead <= flash.PageSize; {
		var r record
		size := r.decode(buf[off:])
		if size == 0 || off+size > flash.PageSize {
			break
		}
		if where := l.locate(&r, place{page: page, off: uint16(off), length: r.length}); where != nil {
			at, err := l.appendBytes(buf[off:off+size], int(r.length))
			if err != nil {
				return err
			}
			*where = at
		}
		off += size
	}
	if err := l.retire(page); err != nil {
		return err
	}
	l.pages = l.pages[:copy(l.pages, l.pages[1:])]
	l.free = append(l.free, page)
	l.reclaim.Writes++
	return nil
}

// recover finishes what a power cut has left: the page that reclaiming had
// opened while the page to be reclaimed is still there. It holds nothing but
// copies, and perhaps a torn record which would keep the rest from being
// copied; so it is given up and becomes the spare page again.
func (l *log) recover() error {
	l.charge = &l.reclaim
	for len(l.stale) > 0 {
		if err := l.retire(l.stale[0]); err != nil {
			return err
		}
		l.free = append(l.free, l.stale[0])
		l.stale = l.stale[1:]
	}
	return nil
}

// retire makes a page's header invalid by programming its magic number to zero.
// When that was torn too often to be programmed once more, number and reclaimed
// serve, both, since one of them might differ in a single bit only (see mend).
func (l *log) retire(page uint16) error {
	zero := make([]byte, flash.WordSize)
	err := l.program(int(page), 0, zero)
	if !errors.Is(err, flash.ErrProgramLimit) {
		return err
	}
	for _, off := range []int{4, 8} {
		var there [flash.WordSize]byte
		if err := l.flash.Read(int(page), off, there[:]); err != nil {
			return err
		}
		if there == [flash.WordSize]byte{} {
			continue
		}
		err := l.program(int(page), off, zero)
		if errors.Is(err, flash.ErrProgramLimit) {
			// Power has failed here three times before a bit had changed. What
			// counts in the page has been copied: erase it as it is.
			l.charge.Erases++
			return l.flash.Erase(int(page))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
