package assume

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/profile"
)

// A Set is answers by the names of their questions. What is not in it is as the
// emulator does by itself. Use [Set.Add] to put something in.
type Set map[string]string

func lookup(name string) *Question {
	for i := range questions {
		if questions[i].Name == name {
			return &questions[i]
		}
	}
	return nil
}

func (q *Question) answer(name string) *Answer {
	for i := range q.Answers {
		if q.Answers[i].Name == name {
			return &q.Answers[i]
		}
	}
	return nil
}

// names returns such as "replace or 519".
func (q *Question) names() string {
	var names []string
	for _, a := range q.Answers {
		names = append(names, a.Name)
	}
	return strings.Join(names, " or ")
}

// find returns a question, or an error that names all.
func find(name string) (*Question, error) {
	if q := lookup(name); q != nil {
		return q, nil
	}
	var names []string
	for _, q := range questions {
		names = append(names, q.Name+"="+strings.ReplaceAll(q.names(), " or ", "|"))
	}
	return nil, fmt.Errorf("there is no question %q; there are %s", name, strings.Join(names, ", "))
}

// Add puts an answer such as "cmng/overwrite=519" into the set. One that is there
// already must be the same.
func (s Set) Add(word string) error {
	name, value, ok := strings.Cut(word, "=")
	q, err := find(name)
	if err != nil {
		return err
	}
	if !ok || q.answer(value) == nil {
		return fmt.Errorf("%s is answered by %s, not by %q", name, q.names(), value)
	}
	if was, there := s[name]; there && was != value {
		return fmt.Errorf("%s is answered twice, by %s and by %s", name, was, value)
	}
	s[name] = value
	return nil
}

// maxFile bounds a file of answers, in lines.
const maxFile = 1000

// Read adds the answers of a file that the settling of a real modem has written: one
// on a line; what follows a # is for the reader.
func (s Set) Read(r io.Reader) error {
	in := bufio.NewScanner(r)
	n := 0
	for line := 1; in.Scan(); line++ {
		text, _, _ := strings.Cut(in.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if line > maxFile {
			return fmt.Errorf("there are more than %d lines: is it the right file?", maxFile)
		}
		if err := s.Add(text); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		n++
	}
	if err := in.Err(); err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("there is no answer in it, such as cmng/overwrite=replace")
	}
	return nil
}

// Apply changes a profile to what the set says.
func (s Set) Apply(p *profile.Profile) {
	for name, value := range s {
		if a := lookup(name).answer(value); a.apply != nil {
			a.apply(&p.Facts)
		}
	}
}

// String returns the answers that are not the emulator's own, "as it is" if there are
// none.
func (s Set) String() string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if s[name] != lookup(name).Answers[0].Name {
			words = append(words, name+"="+s[name])
		}
	}
	if len(words) == 0 {
		return "as it is"
	}
	return strings.Join(words, " ")
}

// A Watch finds out which questions a run has met: to all others every answer would
// have done. It is not safe for concurrent use.
type Watch struct {
	open   map[string]bool
	warned bool
}

// NewWatch returns a watch for some questions.
func NewWatch(names []string) *Watch {
	w := &Watch{open: make(map[string]bool)}
	for _, n := range names {
		w.open[n] = false
	}
	return w
}

// Add takes note of an event. It does not keep e.
func (w *Watch) Add(e *event.Event) {
	switch {
	case e.Power != nil:
		w.warned = e.Power.Action == event.PowerWarning
	case e.Mode != nil && e.Mode.Requested > 0:
		// Only +CFUN=1 and the like end the warning; to take it for longer does no harm.
	}
	for name, met := range w.open {
		if !met && lookup(name).met(e, w.warned) {
			w.open[name] = true
		}
	}
}

// Met returns the questions that were met, in the order of Questions.
func (w *Watch) Met() []string {
	var names []string
	for _, q := range questions {
		if w.open[q.Name] {
			names = append(names, q.Name)
		}
	}
	return names
}

// Other returns the answers to a question that are not the one given.
func Other(name, value string) []string {
	var others []string
	for _, a := range lookup(name).Answers {
		if a.Name != value {
			others = append(others, a.Name)
		}
	}
	return others
}

// A Plan is which questions a run is to be tried with: each combination of the answers
// to Vary, with Fixed for others.
type Plan struct {
	Fixed Set
	Vary  []string
}

// ParsePlan reads the values of --assume: NAME=VALUE fixes an answer, NAME alone tries
// all answers to a question, all does so for every open question that is not fixed. For
// what is none of these, read is asked for a file of answers.
func ParsePlan(words []string, read func(name string, s Set) error) (*Plan, error) {
	p := &Plan{Fixed: Set{}}
	all := false
	for _, w := range words {
		switch {
		case w == "all":
			all = true
		case lookup(w) != nil:
			p.Vary = append(p.Vary, w)
		case strings.Contains(w, "=") && lookup(strings.SplitN(w, "=", 2)[0]) != nil:
			if err := p.Fixed.Add(w); err != nil {
				return nil, err
			}
		default:
			if err := read(w, p.Fixed); err != nil {
				return nil, err
			}
		}
	}
	var vary []string
	for _, q := range questions {
		_, fixed := p.Fixed[q.Name]
		if named := slices.Contains(p.Vary, q.Name); named && fixed {
			return nil, fmt.Errorf("%s is fixed and to be varied at the same time", q.Name)
		} else if named || all && q.Open && !fixed {
			vary = append(vary, q.Name)
		}
	}
	p.Vary = vary
	return p, nil
}

// Combinations is how many there are.
func (p *Plan) Combinations() int {
	n := 1
	for _, name := range p.Vary {
		n *= len(lookup(name).Answers)
	}
	return n
}

// First returns the answer that the emulator gives by itself.
func First(name string) string { return lookup(name).Answers[0].Name }

// Count returns how many answers a question has.
func Count(name string) int { return len(lookup(name).Answers) }
