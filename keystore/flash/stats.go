package flash

import "encoding/binary"

// PageState is the condition of a page.
type PageState uint8

// Conditions of a page.
const (
	Erased     PageState = iota // every bit is 1, nothing programmed since
	Programmed                  // something has been programmed
	HalfErased                  // the last erase was cut: contents undefined
	Worn                        // an erase failed for good
)

// String returns the state in words.
func (s PageState) String() string {
	switch s {
	case Erased:
		return "erased"
	case Programmed:
		return "programmed"
	case HalfErased:
		return "half erased"
	case Worn:
		return "worn out"
	}
	return "unknown state"
}

// PageStats tells what a page has been through since the flash was new.
type PageStats struct {
	Page       int
	State      PageState
	Erases     uint32 // erase cycles used
	Programmed uint64 // words programmed
	Used       int    // words programmed since the last erase
}

// Stats tells what the flash has been through since it was new.
type Stats struct {
	Pages      []PageStats
	Endurance  uint32 // erase cycles that each page endures; 0: endless
	Starts     uint64 // times the flash was opened or its power came back
	Erases     uint64 // of all pages
	Programmed uint64 // words, of all pages
	MaxErases  uint32 // of the page erased most often
	MinErases  uint32 // of the page erased least often
	WornPages  int    // pages out of use
}

// Page returns the counters of one page. There is none outside the flash: it
// returns the zero value then. It works without power.
func (f *Flash) Page(i int) PageStats {
	s := PageStats{Page: i}
	if i < 0 || i >= f.count || f.pages == nil {
		return s
	}
	p := &f.pages[i]
	s.Erases, s.Programmed = p.erases, p.programmed()
	if p.mem != nil {
		for _, b := range p.mem[writesOffset : writesOffset+writesSize] {
			for ; b != 0; b >>= 2 {
				if b&3 != 0 {
					s.Used++
				}
			}
		}
	}
	switch {
	case p.state == stateHalfErased:
		s.State = HalfErased
	case p.state == stateWornOut:
		s.State = Worn
	case s.Used > 0:
		s.State = Programmed
	}
	return s
}

// Erases returns the erase cycles that a page has used, as Page does, but
// without looking at its words. It works without power.
func (f *Flash) Erases(i int) uint32 {
	if i < 0 || i >= f.count || f.pages == nil {
		return 0
	}
	return f.pages[i].erases
}

// WornOut reports whether a page is out of use. It works without power.
func (f *Flash) WornOut(i int) bool {
	return i >= 0 && i < f.count && f.pages != nil && f.pages[i].state == stateWornOut
}

// Pristine reports whether a page has been neither programmed nor erased since
// the flash was new, so that it is certain to be blank.
func (f *Flash) Pristine(i int) bool {
	if i < 0 || i >= f.count {
		return false
	}
	if f.pages == nil {
		return true
	}
	p := &f.pages[i]
	return p.erases == 0 && p.programmed() == 0 && p.state == stateReady
}

// Stats returns all counters. It works without power.
func (f *Flash) Stats() Stats {
	s := Stats{Pages: make([]PageStats, f.count), Endurance: f.endurance, Starts: f.starts}
	for i := range s.Pages {
		p := f.Page(i)
		s.Pages[i] = p
		s.Erases += uint64(p.Erases)
		s.Programmed += p.Programmed
		s.MaxErases = max(s.MaxErases, p.Erases)
		if i == 0 || p.Erases < s.MinErases {
			s.MinErases = p.Erases
		}
		if p.State == Worn {
			s.WornPages++
		}
	}
	return s
}

func (f *Flash) countStart() {
	f.starts++
	if f.file != nil {
		f.saveBytes(startsOffset, binary.LittleEndian.AppendUint64(nil, f.starts))
	}
}
