package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nrf91emu/emulator/event"
)

// A Finding is a fault, or several of one kind: what one rule says about one
// credential is one finding with a count.
type Finding struct {
	Rule  string `json:"rule"` // its number
	Name  string `json:"name"` // its words
	Level Level  `json:"level"`
	Title string `json:"title"`
	// Device is the number of the device, from 1, where there are several.
	Device int `json:"device,omitempty"`
	// SecTag and Type name the credential, as far as the finding is about one.
	SecTag *uint32               `json:"sec_tag,omitempty"`
	Type   *event.CredentialType `json:"type,omitempty"`
	// Subject is what else it is about, such as the peer of a connection.
	Subject string `json:"subject,omitempty"`
	// What says what happened the first time, in one or two sentences.
	What string `json:"what"`
	Fix  string `json:"fix"`
	// Count is how often it happened, in Boots boots; Places are the first few.
	Count  int     `json:"count"`
	Boots  int     `json:"boots"`
	Places []Place `json:"places"`
	// Cost is what all of it together did to the flash; no two findings count the same.
	// Lifetime is set if it goes on costing in the boots after the first, or in the
	// only one.
	Cost     event.Cost `json:"cost,omitzero"`
	Syncs    int        `json:"syncs,omitempty"` // operations that wrote to the flash
	Lifetime *Lifetime  `json:"lifetime,omitempty"`

	lastBoot int
	later    Usage // in the boots after the first
}

// A Place is where in the record something happened.
type Place struct {
	Boot     int    `json:"boot"`
	Exchange int    `json:"exchange,omitempty"` // its number in the boot, 0 outside one
	Command  string `json:"command,omitempty"`  // its beginning, without content
}

// maxPlaces is how many places a finding keeps.
const maxPlaces = 5

// maxFindings bounds how many findings a report has, so that a host that does
// everything wrong everywhere cannot exhaust the memory.
const maxFindings = 1000

// Credential returns which credential the finding is about, in words, or what
// else, or nothing.
func (f *Finding) Credential() string {
	words := f.Subject
	switch {
	case f.SecTag != nil && f.Type != nil:
		words = Key{*f.SecTag, *f.Type}.String()
	case f.SecTag != nil:
		words = tagName(*f.SecTag)
	}
	if f.Device > 0 {
		words = strings.TrimSuffix(fmt.Sprintf("device %d, %s", f.Device, words), ", ")
	}
	return words
}

// A sighting is what a rule reports.
type sighting struct {
	key     *Key    // the credential,
	tag     *uint32 // or only its tag
	subject string
	at      Place  // where; a zero Boot: in the present boot
	id      int    // exchange, if at has none; 0: the last one
	level   Level  // Off: that of the rule
	fix     string // empty: that of the rule
	cost    event.Cost
	syncs   int // that cost stands for, if it is not one
	// count and boots are how often it happened and in how many boots, if that is more
	// than once; then at is the last place.
	count, boots int
	what         func() string // asked for only if it is needed
}

type foundFunc func(sighting)

// book collects findings.
type book struct {
	groups  map[group]*Finding
	order   []*Finding
	dropped int
}

// group is what makes two sightings one finding.
type group struct {
	rule    string
	level   Level
	tag     uint64 // 1 + tag
	typ     uint16 // 1 + type
	subject string
	fix     string
}

func newBook() *book { return &book{groups: map[group]*Finding{}} }

// clone returns a copy that can be added to without changing b.
func (b *book) clone() *book {
	c := &book{groups: maps.Clone(b.groups), dropped: b.dropped}
	copies := make(map[*Finding]*Finding, len(b.order))
	for _, f := range b.order {
		g := *f
		g.Places = slices.Clone(f.Places)
		copies[f] = &g
		c.order = append(c.order, &g)
	}
	for k, f := range c.groups {
		c.groups[k] = copies[f]
	}
	return c
}

// into returns what a rule calls to report into b.
func (a *Audit) into(b *book, r *Rule) foundFunc {
	return func(s sighting) { a.enter(b, r, s) }
}

func (a *Audit) enter(b *book, r *Rule, s sighting) {
	level := r.Level
	if s.level != Off {
		level = s.level
	}
	if l, ok := a.opt.Levels[r.ID]; ok {
		level = l
	}
	at := a.mem.place(s)
	g := group{rule: r.ID, level: level, subject: s.subject, fix: s.fix}
	if s.key != nil {
		g.tag, g.typ = 1+uint64(s.key.SecTag), 1+uint16(s.key.Type)
	} else if s.tag != nil {
		g.tag = 1 + uint64(*s.tag)
	}
	f := b.groups[g]
	if f == nil {
		if len(b.order) == maxFindings {
			b.dropped++
			if !b.makeRoom(level) {
				return
			}
		}
		f = &Finding{Rule: r.ID, Name: r.Name, Level: level, Title: r.Title, Fix: cmp.Or(s.fix, r.Fix), Subject: s.subject, What: s.what(),
			Places: []Place{}}
		if s.key != nil {
			k := *s.key
			f.SecTag, f.Type = &k.SecTag, &k.Type
		} else if s.tag != nil {
			n := *s.tag
			f.SecTag = &n
		}
		b.groups[g] = f
		b.order = append(b.order, f)
	}
	f.Count += max(s.count, 1)
	if f.Boots == 0 || f.lastBoot != at.Boot {
		f.Boots += max(s.boots, 1)
		f.lastBoot = at.Boot
	}
	if s.cost != (event.Cost{}) {
		u := Usage{Cost: s.cost, Syncs: max(s.syncs, 1)}
		f.Cost.Programmed += u.Cost.Programmed
		f.Cost.Erases += u.Cost.Erases
		f.Syncs += u.Syncs
		if a.tally.afterFirst(at.Boot) {
			f.later.merge(u)
		}
	}
	if len(f.Places) < maxPlaces {
		f.Places = append(f.Places, at)
	}
}

// makeRoom leaves out the last of the least findings, so that one that matters more is not lost.
func (b *book) makeRoom(level Level) bool {
	least := -1
	for i, f := range b.order {
		if f.Level < level && (least < 0 || f.Level <= b.order[least].Level) {
			least = i
		}
	}
	if least < 0 {
		return false
	}
	f := b.order[least]
	maps.DeleteFunc(b.groups, func(_ group, o *Finding) bool { return o == f })
	b.order = slices.Delete(b.order, least, least+1)
	return true
}

// place returns where a sighting is.
func (m *memory) place(s sighting) Place {
	at := s.at
	if at.Boot == 0 {
		at.Boot = m.boot
	}
	if at.Exchange == 0 {
		at.Exchange = s.id
	}
	if at.Exchange == 0 && at.Boot == m.boot {
		at.Exchange = m.command.ID // it is about no command, but after this one
		return at
	}
	if at.Command == "" && at.Boot == m.boot {
		at.Command = m.commandOf(at.Exchange)
	}
	return at
}

// here returns where the present event is.
func (m *memory) here(id int) Place { return m.place(sighting{id: id}) }

// commandOf returns the beginning of the present command, if it has that number.
func (m *memory) commandOf(id int) string {
	if id == 0 || m.command.ID != id {
		return ""
	}
	if m.brief == "" {
		m.brief = brief(m.command.Text)
	}
	return m.brief
}

// maxCommand is how much of a command a report quotes.
const maxCommand = 60

// brief returns a command without the content that it carries, and without secrets
// if the record shows them.
func brief(text string) string {
	if !strings.Contains(text, "bytes masked>") {
		text = event.MaskCommand([]byte(text))
	}
	short, _, cut := strings.Cut(text, `"`)
	if i := strings.IndexAny(short, "\r\n"); i >= 0 {
		short, cut = short[:i], true
	}
	if len(short) > maxCommand {
		short, cut = strings.ToValidUTF8(short[:maxCommand], ""), true
	}
	if cut {
		short += "..."
	}
	return short
}

// Brief returns the beginning of a command of the record as reports quote it: without
// content and without secrets.
func Brief(text string) string { return brief(text) }
