package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// flashCmd is nrf91emu flash.
type flashCmd struct {
	State       string  `help:"The state file to look at." placeholder:"FILE" type:"path" required:""`
	JSON        bool    `help:"Print JSON."`
	BootsPerDay float64 `help:"How often a day the device starts, for the years in the projection." default:"24" placeholder:"N" aliases:"starts-per-day"`
}

// Run shows what is in a state file.
func (c *flashCmd) Run(std stdio) error {
	if err := moreThanNothing("--boots-per-day", c.BootsPerDay); err != nil {
		return err
	}
	f, err := flash.Open(c.State, flash.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer f.Close()
	store, err := keystore.Open(f, keystore.Rules{}, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", c.State, err)
	}
	report := newFlashReport(store, c.BootsPerDay)
	if c.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	return report.print(std.out)
}

// flashReport is what nrf91emu flash shows; its JSON form is --json.
type flashReport struct {
	Credentials []credentialReport `json:"credentials"`
	Pages       []pageReport       `json:"pages"`
	Starts      uint64             `json:"starts"`
	Erases      uint64             `json:"erases"`
	Programmed  uint64             `json:"programmed_bytes"`
	Endurance   uint32             `json:"endurance"` // erases that a page stands; 0: endless
	WornPages   int                `json:"worn_pages"`
	Settings    uint32             `json:"settings_writes"` // +CFUN=0
	Resets      uint32             `json:"factory_resets"`
	Projection  projection         `json:"projection"`
}

// projection says how long a flash will last if it goes on as it has.
type projection struct {
	// Starts is how many more starts the flash will see, and Years how long that
	// takes. Both are 0 when nothing wears the flash.
	// The floor is Nordic's rule of one erase per sync, the other end an ideal log:
	// see audit.Lifetime.
	FloorStarts  float64 `json:"floor_starts"`
	FloorYears   float64 `json:"floor_years"`
	Starts       float64 `json:"starts"`
	Years        float64 `json:"years"`
	StartsPerDay float64 `json:"starts_per_day"`
	Endless      bool    `json:"endless"` // nothing has been written, or pages endure all
	Worn         bool    `json:"worn"`    // a page has failed already
}

type credentialReport struct {
	SecTag   keystore.SecTag         `json:"sec_tag"`
	Type     keystore.CredentialType `json:"type"`
	TypeName string                  `json:"type_name"`
	Bytes    int                     `json:"bytes"`
	SHA256   string                  `json:"sha256"`
	Writes   uint32                  `json:"writes"`
	// Certificates are described for types 0 and 1; no content of any credential
	// is shown.
	Certificates []event.Certificate `json:"certificates,omitempty"`
}

type pageReport struct {
	Page       int    `json:"page"`
	State      string `json:"state"`
	Erases     uint32 `json:"erases"`
	Programmed uint64 `json:"programmed_bytes"`
	Used       int    `json:"used_bytes"` // since the last erase
}

func newFlashReport(store *keystore.Store, startsPerDay float64) flashReport {
	wear := store.Wear()
	r := flashReport{
		Starts: wear.Flash.Starts, Erases: wear.Flash.Erases,
		Programmed: wear.Flash.Programmed * flash.WordSize,
		Endurance:  wear.Flash.Endurance, WornPages: wear.Flash.WornPages,
		Settings: wear.Settings.Writes, Resets: wear.FactoryReset.Writes,
		Projection: newProjection(&wear, startsPerDay),
	}
	for e := range store.All() {
		c := credentialReport{
			SecTag: e.SecTag, Type: e.Type, TypeName: e.Type.String(),
			Bytes: e.Size, SHA256: e.Digest.String(), Writes: e.Writes,
		}
		if content, err := store.Secret(e.Key); err == nil {
			c.Certificates = event.Describe(content, true).Certificates
		}
		r.Credentials = append(r.Credentials, c)
	}
	for _, p := range wear.Flash.Pages {
		r.Pages = append(r.Pages, pageReport{
			p.Page, p.State.String(), p.Erases, p.Programmed * flash.WordSize, p.Used * flash.WordSize,
		})
	}
	return r
}

// newProjection extends what has been into the future by the audit's model.
func newProjection(w *keystore.Wear, startsPerDay float64) projection {
	s := &w.Flash
	p := projection{StartsPerDay: startsPerDay, Worn: s.WornPages > 0}
	if p.Worn {
		return p
	}
	starts := max(int(s.Starts), 1)
	cost := event.Cost{Programmed: int(s.Programmed * flash.WordSize), Erases: int(s.Erases)}
	geometry := audit.Geometry{Pages: len(s.Pages), PageSize: flash.PageSize, Endurance: int(s.Endurance)}
	l := geometry.NewLifetime(audit.Usage{Cost: cost, Syncs: int(w.Syncs()), Boots: starts}, startsPerDay)
	if l == nil || s.Endurance == 0 {
		p.Endless = true
		return p
	}
	p.Starts = max(0, math.Floor(l.Boots-float64(starts)))
	p.Years = p.Starts / startsPerDay / 365.25
	p.FloorStarts = max(0, math.Floor(l.FloorBoots-float64(starts)))
	p.FloorYears = p.FloorStarts / startsPerDay / 365.25
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
		return fmt.Sprintf("At this rate the flash is worn out after %.0f more starts (%s at %g starts a day) by Nordic's rule of one erase per sync, and at the very best after %.0f (%s).",
			p.FloorStarts, years(p.FloorYears), p.StartsPerDay, p.Starts, years(p.Years))
	}
}

func (r *flashReport) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(r.Credentials) == 0 {
		fmt.Fprintln(w, "No credentials.")
	} else {
		fmt.Fprintln(w, "TAG\tTYPE\tBYTES\tWRITES\tSHA-256")
	}
	for _, c := range r.Credentials {
		fmt.Fprintf(w, "%d\t%d %s\t%d\t%d\t%s\n", c.SecTag, c.Type, c.TypeName, c.Bytes, c.Writes, c.SHA256)
	}
	w.Flush()
	for _, c := range r.Credentials {
		for _, cert := range c.Certificates {
			fmt.Fprintf(out, "%d,%d is %s, valid until %s\n", c.SecTag, c.Type, cert.Subject, cert.NotAfter.Format("2006-01-02"))
		}
	}

	fmt.Fprintln(w, "\nPAGE\tERASES\tPROGRAMMED\tIN USE\tSTATE")
	fresh := 0
	for _, p := range r.Pages {
		if p.Erases == 0 && p.Programmed == 0 {
			fresh++
			continue
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%s\n", p.Page, p.Erases, p.Programmed, p.Used, p.State)
	}
	w.Flush()
	if fresh > 0 {
		fmt.Fprintf(out, "%d of %d pages have never been used.\n", fresh, len(r.Pages))
	}
	fmt.Fprintf(out, "\n%s, %s programmed, %s erased; settings stored %s, factory reset %s.\n",
		counted(r.Starts, "start"), counted(r.Programmed, "byte"), counted(r.Erases, "page"), times(r.Settings), times(r.Resets))
	_, err := fmt.Fprintln(out, r.Projection)
	return err
}
