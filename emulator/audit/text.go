package audit

import (
	"fmt"
	"io"
	"strings"
)

// TextOptions say how [Report.WriteText] looks.
type TextOptions struct {
	Color bool // ANSI colours
	Notes bool // findings at information level too
	// Verdict is the word in front of the counts, for those who know more than the
	// record; empty is that of the report: sound, not sound, or nothing seen.
	Verdict string
}

var levelColor = map[Level]string{Error: "\x1b[1;31m", Warning: "\x1b[1;33m", Info: "\x1b[36m"}

const (
	green = "\x1b[1;32m"
	red   = "\x1b[1;31m"
	dim   = "\x1b[2m"
	plain = "\x1b[0m"
)

// WriteText writes the report for people: a paragraph for each finding and a line
// with the verdict, which is all there is if everything is well.
func (r *Report) WriteText(w io.Writer, opt TextOptions) error {
	p := printer{color: opt.Color}
	for _, f := range r.Findings {
		if f.Level > Info || opt.Notes {
			p.finding(f)
		}
	}
	p.verdict(r, opt)
	_, err := io.WriteString(w, p.String())
	return err
}

type printer struct {
	strings.Builder
	color bool
}

func (p *printer) paint(code, text string) string {
	if !p.color {
		return text
	}
	return code + text + plain
}

func (p *printer) finding(f *Finding) {
	fmt.Fprintf(p, "%s %s", p.paint(levelColor[f.Level], f.Level.String()+" "+f.Rule), f.Name)
	if c := f.Credential(); c != "" {
		fmt.Fprintf(p, ": %s", clean(c))
	}
	fmt.Fprintf(p, "\n    %s\n", clean(f.What))
	p.places(f)
	if f.Lifetime != nil {
		fmt.Fprintf(p, "    cost: %s; %s\n", costWords(f.Cost), f.Lifetime)
	}
	fmt.Fprintf(p, "    fix: %s\n", f.Fix)
}

func (p *printer) places(f *Finding) {
	for _, place := range f.Places {
		fmt.Fprintf(p, "    %s\n", p.paint(dim, clean(place.String())))
	}
	if n := f.Count - len(f.Places); n > 0 && len(f.Places) > 0 {
		fmt.Fprintf(p, "    %s\n", p.paint(dim, fmt.Sprintf("and %s more: %s in all, in %s", times(n), times(f.Count), plural(f.Boots, "boot"))))
	}
}

// String returns such as "boot 2, exchange 5: AT%CMNG=0,24,0,...".
func (p Place) String() string {
	s := fmt.Sprintf("boot %d", p.Boot)
	if p.Exchange > 0 {
		s += fmt.Sprintf(", exchange %d", p.Exchange)
	}
	if p.Command != "" {
		s += ": " + p.Command
	}
	return s
}

func (p *printer) verdict(r *Report, opt TextOptions) {
	counts := r.Totals.String()
	if t := r.Totals; r.WhyNothing != "" && t.Writes+t.Deletes+t.Refused+t.Asks+t.NVMStores == 0 {
		counts = r.WhyNothing
	}
	color, word := red, "not sound"
	switch {
	case r.Sound:
		color, word = green, "sound"
	case r.NothingSeen && r.Errors == 0:
		word = "nothing seen"
	}
	if opt.Verdict != "" {
		word = opt.Verdict
	}
	p.WriteString(p.paint(color, word))
	if r.Notes > 0 && !opt.Notes {
		counts += "; " + plural(r.Notes, "note") + " not shown"
	}
	fmt.Fprintf(p, ": %s\n", counts)
	if r.Errors+r.Warnings > 0 && r.Lifetime != nil && r.Totals.Boots > 1 {
		fmt.Fprintf(p, "the boots after the first: %s; %s\n", costWords(r.Totals.LaterCost), r.Lifetime)
	}
	if r.Dropped > 0 {
		fmt.Fprintf(p, "%s more were not kept, since there were so many\n", plural(r.Dropped, "finding"))
	}
}

// String returns such as "3 boots, 1 write, 1,204 bytes programmed, 0 page erases".
func (t Totals) String() string {
	words := []string{plural(t.Boots, "boot"), plural(t.Writes, "write")}
	if t.Needless > 0 {
		words[1] += fmt.Sprintf(" (%s of what was stored already)", Grouped(float64(t.Needless)))
	}
	if t.Deletes > 0 {
		words = append(words, plural(t.Deletes, "delete"))
	}
	if t.Refused > 0 {
		words = append(words, Grouped(float64(t.Refused))+" refused")
	}
	if t.NVMStores > 0 {
		words = append(words, plural(t.NVMStores, "store")+" by +CFUN=0 and the like")
	}
	return strings.Join(append(words, costWords(t.Cost)), ", ")
}

// clean keeps what a host sent, or a certificate says, from steering a terminal
// and from making XML that is none.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff {
			return '?'
		}
		return r
	}, s)
}
