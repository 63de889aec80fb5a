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
// otherwise. Pages of 4096 bytes are those of the nRF9160's own flash (seen in
// source); an endurance of 10,000 erases is Nordic's figure for the nRF52 and
// taken to hold for the nRF91 (inferred). How many pages the modem's store has is
// published nowhere: 64 is chosen.
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

// A Lifetime is how long a flash lasts at a rate of writing.
//
// The model: a log-structured store spreads its erases evenly, so a flash stands
// Pages times Endurance erases altogether. What a boot uses up is the larger of
// two figures. One is the page erases that were seen, divided by the boots. The
// other is the bytes programmed per boot divided by the size of a page, because a
// page that has been filled must be erased once before it takes more: over a few
// boots the log often has not come round yet, and no erase is seen at all. The
// first is the larger one where the store copies old entries about or erases a
// page for every write.
//
// It leaves out what a real device does besides: Nordic gives no lifetime model
// and no way to read the wear (DevZone 104913), so the figure serves to compare,
// not to promise.
type Lifetime struct {
	ProgrammedPerBoot float64 `json:"programmed_per_boot"` // bytes
	ErasesPerBoot     float64 `json:"erases_per_boot"`     // pages, by the model
	Boots             float64 `json:"boots"`               // until the flash is worn out
	BootsPerDay       float64 `json:"boots_per_day"`
	Years             float64 `json:"years"`
}

// NewLifetime returns how long the flash lasts if each boot costs as much as
// these did on average; nil if they cost nothing.
func (g Geometry) NewLifetime(cost event.Cost, boots int, bootsPerDay float64) *Lifetime {
	g = g.withDefaults()
	if boots <= 0 || bootsPerDay <= 0 || (cost.Programmed <= 0 && cost.Erases <= 0) {
		return nil
	}
	l := &Lifetime{ProgrammedPerBoot: float64(cost.Programmed) / float64(boots), BootsPerDay: bootsPerDay}
	l.ErasesPerBoot = max(float64(cost.Erases)/float64(boots), l.ProgrammedPerBoot/float64(g.PageSize))
	l.Boots = float64(g.Pages) * float64(g.Endurance) / l.ErasesPerBoot
	l.Years = l.Boots / bootsPerDay / 365.25
	return l
}

// String returns a sentence such as "at this rate the flash is worn out after
// 12,300 boots (1.4 years at 24 boots a day)".
func (l *Lifetime) String() string {
	return fmt.Sprintf("at this rate the flash is worn out after %s boots (%s at %s)",
		grouped(l.Boots), years(l.Years), perDay(l.BootsPerDay))
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
	return grouped(y) + " years"
}

func perDay(n float64) string {
	if n == 1 {
		return "1 boot a day"
	}
	return fmt.Sprintf("%g boots a day", n)
}

// grouped rounds to a whole number and sets commas between thousands.
func grouped(f float64) string {
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
	return grouped(float64(n)) + " " + word + "s"
}

// costWords returns such as "1,204 bytes programmed, 2 page erases".
func costWords(c event.Cost) string {
	return plural(c.Programmed, "byte") + " programmed, " + plural(c.Erases, "page erase")
}
