package main

import (
	"fmt"
	"math"

	"nrf91emu/keystore/flash"
)

// projection says how long a flash will last if it goes on as it has.
type projection struct {
	// Starts is how many more starts the first page to fail will see, and Years
	// how long that takes. Both are 0 when nothing wears the flash.
	Starts       float64 `json:"starts"`
	Years        float64 `json:"years"`
	StartsPerDay float64 `json:"starts_per_day"`
	Endless      bool    `json:"endless"` // nothing has been written, or pages endure all
	Worn         bool    `json:"worn"`    // a page has failed already
}

// project extends what has been into the future. The store fills its pages in
// turn, so what is programmed wears all of them alike: a page is erased once for
// each time that the size of the flash has been programmed. That holds before the
// first erase too, when counting erases would say nothing. A page that was erased
// more often than that, for whatever reason, decides instead.
func project(s flash.Stats, startsPerDay float64) projection {
	p := projection{StartsPerDay: startsPerDay}
	size := float64(len(s.Pages)) * flash.PageSize
	perStart := max(float64(s.Programmed*flash.WordSize)/size, float64(s.MaxErases)) / max(float64(s.Starts), 1)
	switch {
	case s.WornPages > 0:
		p.Worn = true
	case s.Endurance == 0 || perStart == 0:
		p.Endless = true
	default:
		p.Starts = math.Floor(float64(s.Endurance-min(s.MaxErases, s.Endurance)) / perStart)
		p.Years = p.Starts / startsPerDay / 365.25
	}
	return p
}

// String returns the projection as a sentence.
func (p projection) String() string {
	switch {
	case p.Worn:
		return "A page is worn out already."
	case p.Endless:
		return "Nothing wears this flash."
	default:
		return fmt.Sprintf("At this rate the first page is worn out after %.0f more starts: %s at %g starts a day.",
			p.Starts, years(p.Years), p.StartsPerDay)
	}
}

func years(y float64) string {
	switch {
	case y < 1.0/12:
		return fmt.Sprintf("%.0f days", y*365.25)
	case y < 2:
		return fmt.Sprintf("%.1f months", y*12)
	default:
		return fmt.Sprintf("%.0f years", y)
	}
}
