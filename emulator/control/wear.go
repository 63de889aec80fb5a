package control

import (
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Cost is what something has done to the flash.
type Cost struct {
	Writes     uint64 `json:"writes"`     // how often it was written
	Programmed uint64 `json:"programmed"` // bytes
	Erases     uint64 `json:"erases"`     // pages
}

// Wear tells what the flash has been through and who caused it.
type Wear struct {
	Endurance  uint64 `json:"endurance"`  // erase cycles that each page endures; 0: endless
	Starts     uint64 `json:"starts"`     // power-ons since the flash was new
	Programmed uint64 `json:"programmed"` // bytes since the flash was new
	Erases     uint64 `json:"erases"`     // pages since the flash was new
	MaxErases  uint64 `json:"max_erases"` // of the page erased most often
	MinErases  uint64 `json:"min_erases"` // of the page erased least often
	WornPages  int    `json:"worn_pages"` // pages out of use
	Steps      uint64 `json:"steps"`      // words programmed and pages erased since the emulator started

	Pages       []PageWear       `json:"pages"`
	Credentials []CredentialWear `json:"credentials"`

	// Costs since the last power-on, but for Writes, which the flash remembers.
	Settings     Cost `json:"settings"`      // stored at +CFUN=0
	FactoryReset Cost `json:"factory_reset"` //
	Reclaim      Cost `json:"reclaim"`       // copying out of old pages; Writes counts pages
	Forgotten    Cost `json:"forgotten"`     // credentials deleted long ago
}

// PageWear is what one page has been through since the flash was new.
type PageWear struct {
	Page       int    `json:"page"`
	State      string `json:"state"` // "erased", "programmed", "half erased", "worn out"
	Erases     uint64 `json:"erases"`
	Programmed uint64 `json:"programmed"` // bytes
	Used       int    `json:"used"`       // bytes programmed since the last erase
}

// CredentialWear is what one credential has cost, its deletion too. Programmed
// and Erases count from the last power-on, Writes as far back as the flash
// remembers.
type CredentialWear struct {
	SecTag  uint32 `json:"sec_tag"`
	Type    uint8  `json:"type"`
	Deleted bool   `json:"deleted,omitempty"`
	Cost
}

func newCost(c keystore.Cost) Cost {
	return Cost{Writes: uint64(c.Writes), Programmed: c.Bytes, Erases: uint64(c.Erases)}
}

func newWear(w keystore.Wear, steps uint64) *Wear {
	f := &w.Flash
	out := &Wear{
		Endurance: uint64(f.Endurance), Starts: f.Starts,
		Programmed: f.Programmed * flash.WordSize, Erases: f.Erases,
		MaxErases: uint64(f.MaxErases), MinErases: uint64(f.MinErases), WornPages: f.WornPages,
		Steps: steps,
		Pages: make([]PageWear, len(f.Pages)), Credentials: make([]CredentialWear, len(w.Credentials)),
		Settings: newCost(w.Settings), FactoryReset: newCost(w.FactoryReset),
		Reclaim: newCost(w.Reclaim), Forgotten: newCost(w.Forgotten),
	}
	for i, p := range f.Pages {
		out.Pages[i] = PageWear{
			Page: p.Page, State: p.State.String(), Erases: uint64(p.Erases),
			Programmed: p.Programmed * flash.WordSize, Used: p.Used * flash.WordSize,
		}
	}
	for i, c := range w.Credentials {
		out.Credentials[i] = CredentialWear{
			SecTag: uint32(c.SecTag), Type: uint8(c.Type), Deleted: c.Deleted, Cost: newCost(c.Cost),
		}
	}
	return out
}
