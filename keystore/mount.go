package keystore

import (
	"cmp"
	"fmt"
	"slices"

	"nrf91emu/keystore/flash"
)

// minPages is the least number of pages of a store: one that is written, one
// that is reclaimed, one spare, and one to make up for records that do not fill
// a page.
const minPages = 4

// found is a committed record that mounting has come across.
type found struct {
	record
	at  place
	seq int // position of its page in the log
}

// subject is what a record is about, a credential or all settings, as a number
// in the order of tag and type.
type subject uint64

func (f *found) subject() subject {
	if f.kind == kindSettings {
		return 0
	}
	return 1 + subject(f.key.SecTag)<<8 + subject(f.key.Type)
}

// findings is what a walk through the log brings together.
type findings struct {
	records []found
	// newest is, for each subject, the index of the latest record that needs no
	// other: a whole content or a delete. What is older is not kept.
	newest map[subject]int
	// Ids of the latest resets; what is older is gone.
	resetSettings, resetAll uint32
}

// mount reads the log and builds the index.
func (s *Store) mount() error {
	l := &s.log
	if l.flash.Pages() < minPages {
		return fmt.Errorf("keystore: the flash has %d pages; a store needs %d or more", l.flash.Pages(), minPages)
	}
	if err := l.findPages(); err != nil {
		return err
	}
	if len(l.pages) == 0 {
		return nil
	}
	found, err := s.walk()
	if err != nil {
		return err
	}
	return s.index(found)
}

// index finds out what each credential is, and the settings.
func (s *Store) index(w *findings) error {
	records := w.records
	slices.SortFunc(records, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.subject(), b.subject()),
			cmp.Compare(b.id, a.id), cmp.Compare(a.part, b.part), cmp.Compare(b.seq, a.seq))
	})
	for len(records) > 0 {
		about, n := records[0].subject(), 1
		for n < len(records) && records[n].subject() == about {
			n++
		}
		var err error
		if about == 0 {
			err = s.indexSettings(records[:n], w.resetSettings)
		} else {
			err = s.indexCredential(records[:n], w.resetAll)
		}
		if err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

func (s *Store) indexCredential(group []found, gone uint32) error {
	e, deleted := latest(group, gone)
	if deleted {
		s.remember(ghost{key: e.key, cost: Cost{Writes: e.writes}})
		return nil
	}
	if len(e.parts) == 0 {
		return nil
	}
	if err := s.verify(&e); err != nil {
		return err
	}
	s.entries = append(s.entries, e) // groups come in the order of their keys
	s.live += e.footprint()
	return nil
}

func (s *Store) indexSettings(group []found, gone uint32) error {
	e, _ := latest(group, gone)
	if err := s.verify(&e); err != nil {
		return err
	}
	content, err := s.content(&e)
	if err != nil {
		return err
	}
	s.settings = e
	s.live += e.footprint()
	s.values, err = decodeSettings(content)
	return err
}

// verify reads a content and checks its checksums.
func (s *Store) verify(e *entry) error {
	buf := pageBuffers.Get().(*[flash.PageSize]byte)
	defer pageBuffers.Put(buf)
	for _, p := range e.parts {
		b := buf[:recordSize(int(p.length))]
		if err := s.log.flash.Read(int(p.page), int(p.off), b); err != nil {
			return err
		}
		if !intact(b) {
			return damagedRecord(p.page, int(p.off), "has a wrong checksum")
		}
	}
	return nil
}

// findPages tells the pages of the log from the free ones.
func (l *log) findPages() error {
	type numbered struct {
		page   uint16
		header pageHeader
	}
	var pages []numbered
	worn := 0
	l.number = 1
	b := make([]byte, pageHeaderSize)
	for i := range l.flash.Pages() {
		if err := l.flash.Read(i, 0, b); err != nil {
			return err
		}
		var h pageHeader
		if h.decode(b) || h.mend(b) {
			pages = append(pages, numbered{uint16(i), h})
			l.number = max(l.number, h.number+1)
		} else if l.flash.WornOut(i) {
			worn++
		} else {
			l.free = append(l.free, uint16(i))
		}
	}
	slices.SortFunc(pages, func(a, b numbered) int {
		return cmp.Or(cmp.Compare(a.header.number, b.header.number), cmp.Compare(a.page, b.page))
	})
	for i, p := range pages[min(1, len(pages)):] {
		if p.header.number == pages[i].header.number {
			return fmt.Errorf("%w: pages %d and %d have the same number; delete the image to start factory-fresh", ErrDamaged, pages[i].page, p.page)
		}
		if p.header.number != pages[i].header.number+1 {
			return fmt.Errorf("%w: a page between pages %d and %d is missing; delete the image to start factory-fresh", ErrDamaged, pages[i].page, p.page)
		}
	}
	if n := len(pages); n > 1 && pages[n-1].header.reclaimed == pages[0].header.number {
		l.stale = append(l.stale, pages[n-1].page)
		pages = pages[:n-1]
		l.number-- // the next one takes its place
	}
	if len(l.free)+len(l.stale)+worn < spare {
		return fmt.Errorf("%w: there is no spare page; delete the image to start factory-fresh", ErrDamaged)
	}
	for _, p := range pages {
		if p.header.reclaimed != notReclaiming && p.header.reclaimed >= pages[0].header.number {
			return fmt.Errorf("%w: page %d replaces one that is still there; delete the image to start factory-fresh", ErrDamaged, p.page)
		}
		l.pages = append(l.pages, p.page)
	}
	return nil
}

// walk goes through the records of the log, and finds where the next one goes.
// Contents that do not count are not read.
func (s *Store) walk() (*findings, error) {
	w := &findings{newest: make(map[subject]int)}
	buf := pageBuffers.Get().(*[flash.PageSize]byte)
	defer pageBuffers.Put(buf)
	header, commit := buf[:headerSize], buf[headerSize:headerSize+flash.WordSize]
	for seq, page := range s.log.pages {
		off := pageHeaderSize
		for off+overhead <= flash.PageSize {
			if err := s.log.flash.Read(int(page), off, header); err != nil {
				return nil, err
			}
			f := found{seq: seq}
			size := f.decode(header)
			if size == 0 {
				break
			}
			if off+size > flash.PageSize {
				return nil, damagedRecord(page, off, "does not end in its page")
			}
			s.nextID = max(s.nextID, f.id+1)
			f.at = place{page: page, off: uint16(off), length: f.length}
			off += size
			if err := s.log.flash.Read(int(page), off-len(commit), commit); err != nil {
				return nil, err
			}
			there, err := s.committed(&f, commit)
			if err != nil {
				return nil, err
			}
			if there {
				s.note(w, f)
			}
		}
		// A cut leaves a header of which some words are missing and one may be
		// torn; nothing comes after it any more.
		rest := buf[off:]
		if err := s.log.flash.Read(int(page), off, rest); err != nil {
			return nil, err
		}
		if len(rest) > headerSize && !erased(rest[headerSize:]) {
			return nil, damagedRecord(page, off, "has a bad header")
		}
		s.log.end = off
		if !erased(rest) {
			s.log.end = flash.PageSize // it takes no more
		}
	}
	return w, nil
}

// committed reports whether a record counts: its commit word is complete, or the
// power failed in the middle of that word, when all the rest was written.
func (s *Store) committed(f *found, commit []byte) (bool, error) {
	if committed(commit) {
		return true, nil
	}
	if erased(commit) {
		return false, nil
	}
	buf := pageBuffers.Get().(*[flash.PageSize]byte)
	defer pageBuffers.Put(buf)
	b := buf[:recordSize(int(f.length))]
	if err := s.log.flash.Read(int(f.at.page), int(f.at.off), b); err != nil {
		return false, err
	}
	if !intact(b) {
		return false, damagedRecord(f.at.page, int(f.at.off), "is committed without its content")
	}
	return true, nil
}

func damagedRecord(page uint16, off int, what string) error {
	return fmt.Errorf("%w: page %d, offset %d: a record %s; delete the image to start factory-fresh", ErrDamaged, page, off, what)
}

func erased(b []byte) bool {
	for _, v := range b {
		if v != 0xFF {
			return false
		}
	}
	return true
}

// note adds a record to the findings.
func (s *Store) note(w *findings, f found) {
	if f.kind == kindReset {
		w.resetSettings = max(w.resetSettings, f.id)
		if f.flags&flagAll != 0 {
			w.resetAll = max(w.resetAll, f.id)
		}
		s.reset.Writes = max(s.reset.Writes, f.writes)
		return
	}
	about := f.subject()
	i, ok := w.newest[about]
	switch {
	case ok && f.id < w.records[i].id:
	case f.parts > 1 || f.length != f.total:
		w.records = append(w.records, f)
	case ok:
		w.records[i] = f
	default:
		w.newest[about] = len(w.records)
		w.records = append(w.records, f)
	}
}

// latest returns the content with the greatest id of which all parts are
// there. The group is about one thing, ordered by id descending, then by part;
// what is not later than gone does not count, nor what came before a delete.
// Without such a content the entry has no parts, and writes tells how often a
// deleted credential had been written.
func latest(group []found, gone uint32) (e entry, deleted bool) {
	for len(group) > 0 && group[0].id > gone {
		first := group[0]
		if first.kind == kindDelete {
			return entry{key: first.key, writes: first.writes}, true
		}
		n := 0
		e := entry{key: first.key, id: first.id, size: int(first.total), writes: first.writes,
			password:  first.password(),
			generated: first.flags&flagGenerated != 0, parts: make([]place, 0, first.parts)}
		length := 0
		for n < len(group) && group[n].id == first.id {
			f := group[n]
			n++
			if int(f.part) == len(e.parts) && f.kind == first.kind && f.parts == first.parts {
				e.parts = append(e.parts, f.at)
				length += int(f.length)
			}
		}
		switch {
		case len(e.parts) == int(first.parts) && length == e.size:
			return e, false
		case n > 0 && group[n-1].part == first.parts-1:
			// The last part is written last: all of them have been there, and
			// the others have gone since because it was deleted. What is older
			// may lie behind them, but not behind this one.
			return entry{key: first.key, writes: first.writes}, true
		}
		group = group[n:]
	}
	return entry{}, false
}
