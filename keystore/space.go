package keystore

import (
	"cmp"
	"slices"
)

// checkSpace checks that there is room for a content in so many parts beside
// everything that is there, the old content included.
func (s *Store) checkSpace(parts int, content []byte, k Key) error {
	added := 0
	for i := range parts {
		added += recordSize(min(maxPart, len(content)-i*maxPart))
	}
	// Free pages that have no erase left are no room. One page is the spare;
	// another makes up for records that do not fill the pages as well after a
	// round of reclaiming, and lets a delete through when nothing else fits.
	usable := len(s.log.pages) + s.log.usable(s.log.free) - 2
	if usable > 0 && (s.live+added <= usable*(pageRoom-maxRecord) || s.pagesNeeded(parts, len(content)) <= usable) {
		return nil
	}
	return refuse(ErrFull, k, "%d bytes are in use, and %d more do not fit; delete something", s.live, len(content))
}

// pagesNeeded returns how many pages take everything that counts, in the order
// in which reclaiming writes it, and a content of so many parts.
func (s *Store) pagesNeeded(parts, length int) int {
	position := make([]int, s.log.flash.Pages())
	for i, p := range s.log.pages {
		position[p] = i
	}
	var all []place
	for i := range s.entries {
		all = append(all, s.entries[i].parts...)
	}
	all = append(all, s.settings.parts...)
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(position[a.page], position[b.page]), cmp.Compare(a.off, b.off))
	})
	for i := range parts {
		all = append(all, place{length: uint16(min(maxPart, length-i*maxPart))})
	}
	pages, room := 0, 0
	for _, p := range all {
		size := recordSize(int(p.length))
		if size > room {
			pages++
			room = pageRoom
		}
		room -= size
	}
	return pages
}

// checkSlots applies the limit of old firmware.
func (s *Store) checkSlots(k Key, size int) error {
	if s.rules.Slots == 0 {
		return nil
	}
	used := slots(size)
	for i := range s.entries {
		if s.entries[i].key != k {
			used += slots(s.entries[i].size)
		}
	}
	if used > s.rules.Slots {
		return refuse(ErrFull, k, "%d of %d slots would be in use; delete something", used, s.rules.Slots)
	}
	return nil
}

func slots(size int) int { return (size + slotSize - 1) / slotSize }
