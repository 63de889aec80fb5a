package audit

import (
	"fmt"
	"math"

	"nrf91emu/emulator/event"
)

// Geometry is a flash.
type Geometry struct {
	Pages     int `json:"pages"`
	PageSize  int `json:"page_size"` // bytes
	Endurance int `json:"endurance"` // erases that a page stands
}

// DefaultGeometry is the flash that costs are set against unless Options say
// otherwise (facts wear/flash-cells, wear/endurance and wear/layout). How much of it
// has been used a device does not tell (fact wear/unreadable).
var DefaultGeometry = Geometry{Pages: 64, PageSize: 4096, Endurance: 10_000}

func (g Geometry) withDefaults() Geometry {
	if g.Pages == 0 {
		g.Pages = DefaultGeometry.Pages
	}
	if g.PageSize == 0 {
		g.PageSize = DefaultGeometry.PageSize
	}
	if g.Endurance == 0 {
		g.Endurance = DefaultGeometry.Endurance
	}
	return g
}

// Usage is what has been done to a flash.
type Usage struct {
	Cost  event.Cost
	Syncs int // operations that wrote something: credentials, deletes, settings
	Boots int // in so many boots
}

// add counts an operation that cost something.
func (u *Usage) add(c event.Cost) {
	if c == (event.Cost{}) {
		return
	}
	u.Cost.Programmed += c.Programmed
	u.Cost.Erases += c.Erases
	u.Syncs++
}

// merge adds what has been done besides.
func (u *Usage) merge(o Usage) {
	u.Cost.Programmed += o.Cost.Programmed
	u.Cost.Erases += o.Cost.Erases
	u.Syncs += o.Syncs
}

// A Lifetime is how long a flash lasts at a rate of writing: a range, since the
// modem's file system is not public.
//
// The floor is Nordic's conservative rule (fact wear/endurance, fact wear/floor):
// each sync erases half of the memory (fact wear/halves) and nothing is spread, so a flash stands
// Endurance syncs. A credential written at each boot wears it out in 10,000 boots,
// 417 days at 24 boots a day. Budgets and verdicts go by the floor.
//
// The other end is the ideal log of the emulated flash, a free choice (fact
// wear/layout): erases are spread evenly, so it stands Pages times Endurance erases
// altogether. What a boot uses up is the larger of two figures: the page erases that
// were seen, and the bytes programmed divided by the size of a page, because a page
// that has been filled must be erased once before it takes more.
type Lifetime struct {
	SyncsPerBoot      float64 `json:"syncs_per_boot"`
	ProgrammedPerBoot float64 `json:"programmed_per_boot"` // bytes
	ErasesPerBoot     float64 `json:"erases_per_boot"`     // pages, by the ideal log
	BootsPerDay       float64 `json:"boots_per_day"`
	FloorBoots        float64 `json:"floor_boots"` // until the flash is worn out, by the floor
	FloorYears        float64 `json:"floor_years"`
	Boots             float64 `json:"boots"` // the same, by the ideal log
	Years             float64 `json:"years"`
}

// NewLifetime returns how long the flash lasts if each boot goes on costing as much
// as these did on average; nil if they cost nothing.
func (g Geometry) NewLifetime(u Usage, bootsPerDay float64) *Lifetime {
	g = g.withDefaults()
	if u.Boots <= 0 || bootsPerDay <= 0 || (u.Cost.Programmed <= 0 && u.Cost.Erases <= 0) {
		return nil
	}
	boots := float64(u.Boots)
	l := &Lifetime{
		SyncsPerBoot: float64(max(u.Syncs, 1)) / boots, ProgrammedPerBoot: float64(u.Cost.Programmed) / boots, BootsPerDay: bootsPerDay,
	}
	l.ErasesPerBoot = max(float64(u.Cost.Erases)/boots, l.ProgrammedPerBoot/float64(g.PageSize))
	l.Boots = float64(g.Pages) * float64(g.Endurance) / l.ErasesPerBoot
	l.FloorBoots = min(float64(g.Endurance)/l.SyncsPerBoot, l.Boots)
	l.Years, l.FloorYears = l.Boots/bootsPerDay/365.25, l.FloorBoots/bootsPerDay/365.25
	return l
}

// String returns a sentence such as "at this rate the flash is worn out after
// 10,000 boots (1.1 years at 24 boots a day) by Nordic's rule of one erase per sync,
// and at the very best after 4,255,584 (485 years)".
func (l *Lifetime) String() string {
	return fmt.Sprintf("at this rate the flash is worn out after %s boots (%s at %s) by Nordic's rule of one erase per sync, and at the very best after %s (%s)",
		Grouped(l.FloorBoots), years(l.FloorYears), perDay(l.BootsPerDay), Grouped(l.Boots), years(l.Years))
}

func years(y float64) string {
	switch {
	case y < 1.0/12:
		return plural(max(1, int(math.Round(y*365.25))), "day")
	case y < 1:
		return plural(int(math.Round(y*12)), "month")
	case y < 10:
		return fmt.Sprintf("%.1f years", y)
	}
	return Grouped(y) + " years"
}

func perDay(n float64) string {
	if n == 1 {
		return "1 boot a day"
	}
	return fmt.Sprintf("%g boots a day", n)
}

// Grouped returns a number that is not negative, rounded to a whole one, with commas between thousands.
func Grouped(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return Grouped(float64(n)) + " " + word + "s"
}

// costWords returns such as "1,204 bytes programmed, 2 page erases".
func costWords(c event.Cost) string {
	return plural(c.Programmed, "byte") + " programmed, " + plural(c.Erases, "page erase")
}
