package keystore

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"nrf91emu/keystore/flash"
)

// found is a committed record that mounting has come across.
type found struct {
	record
	at  place
	seq int // position in the log
}

// Minimum number of pages: one that is written, one that is reclaimed, one
// spare, and one to make up for records that do not fill a page.
const minPages = 4

// mount reads the log and builds the index.
func (s *Store) mount() error {
	l := &s.log
	if l.flash.Pages() < minPages {
		return fmt.Errorf("keystore: the flash has %d pages; a store needs %d or more", l.flash.Pages(), minPages)
	}
	if err := l.findPages(); err != nil {
		return err
	}
	records, err := s.scan()
	if err != nil {
		return err
	}
	slices.SortFunc(records, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.class(), b.class()), a.key.Compare(b.key),
			cmp.Compare(b.id, a.id), cmp.Compare(a.part, b.part), cmp.Compare(b.seq, a.seq))
	})
	var resetSettings, resetAll uint32
	for len(records) > 0 {
		n := 1
		for n < len(records) && records[n].class() == records[0].class() && records[n].key == records[0].key {
			n++
		}
		group := records[:n]
		records = records[n:]
		var err error
		switch group[0].class() {
		case classReset:
			for _, r := range group {
				resetSettings = max(resetSettings, r.id)
				if r.flags&flagAll != 0 {
					resetAll = max(resetAll, r.id)
				}
				s.reset.Writes = max(s.reset.Writes, r.writes)
			}
		case classSettings:
			s.settings, _ = latest(group, resetSettings)
			err = s.loadSettings()
		default:
			err = s.mountCredential(group, resetAll)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// class puts records together that concern the same thing.
type class uint8

// Classes in the order in which mount needs them.
const (
	classReset class = iota
	classSettings
	classCredential
)

func (f *found) class() class {
	switch f.kind {
	case kindReset:
		return classReset
	case kindSettings:
		return classSettings
	}
	return classCredential
}

// findPages tells the pages of the log from the free ones.
func (l *log) findPages() error {
	type numbered struct {
		page   uint16
		header pageHeader
	}
	var pages []numbered
	l.number = 1
	for i := range l.flash.Pages() {
		var b [pageHeaderSize]byte
		if err := l.flash.Read(i, 0, b[:]); err != nil {
			return err
		}
		var h pageHeader
		if h.decode(b[:]) {
			pages = append(pages, numbered{uint16(i), h})
			l.number = max(l.number, h.number+1)
		} else if !l.flash.WornOut(i) {
			l.free = append(l.free, uint16(i))
		}
	}
	slices.SortFunc(pages, func(a, b numbered) int {
		return cmp.Or(cmp.Compare(a.header.number, b.header.number), cmp.Compare(a.page, b.page))
	})
	if n := len(pages); n > 1 && pages[n-1].header.reclaimed == pages[0].header.number {
		l.stale = append(l.stale, pages[n-1].page)
		pages = pages[:n-1]
	}
	for _, p := range pages {
		l.pages = append(l.pages, p.page)
	}
	return nil
}

// scan returns the committed records of all pages of the log, and sets where
// the next one goes.
func (s *Store) scan() ([]found, error) {
	if len(s.log.pages) == 0 {
		return nil, nil
	}
	buf := pageBuffers.Get().(*[flash.PageSize]byte)
	defer pageBuffers.Put(buf)
	var records []found
	for seq, page := range s.log.pages {
		if err := s.log.flash.Read(int(page), 0, buf[:]); err != nil {
			return nil, err
		}
		off := pageHeaderSize
		for {
			f := found{seq: seq}
			rest := buf[off:]
			if !f.decode(rest) {
				break
			}
			f.at = place{page: page, off: uint16(off), length: f.length}
			s.nextID = max(s.nextID, f.id+1)
			committed, intact := f.committed(rest)
			if !intact {
				return nil, fmt.Errorf("%w: page %d, offset %d: the checksum of a record is wrong; delete the image to start factory-fresh", ErrDamaged, page, off)
			}
			if committed {
				records = append(records, f)
			}
			off += recordSize(int(f.length))
		}
		// A page that was left in the middle of a header takes no more.
		s.log.end = off
		for _, b := range buf[off:] {
			if b != 0xFF {
				s.log.end = flash.PageSize
				break
			}
		}
	}
	return records, nil
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
		if len(e.parts) == int(first.parts) && length == e.size {
			return e, false
		}
		group = group[n:]
	}
	return entry{}, false
}

func (s *Store) mountCredential(group []found, gone uint32) error {
	e, deleted := latest(group, gone)
	if deleted {
		s.remember(ghost{key: e.key, cost: Cost{Writes: e.writes}})
		return nil
	}
	if len(e.parts) == 0 {
		return nil
	}
	content, err := s.content(&e)
	if err != nil {
		return err
	}
	e.digest = sha256.Sum256(content)
	s.entries = append(s.entries, e) // groups come in the order of their keys
	s.live += e.footprint()
	return nil
}
