package facts

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Mark says how far a fact can be trusted.
type Mark string

// The marks. The package documentation says what each means.
const (
	Documented Mark = "documented"
	Seen       Mark = "seen"
	Inferred   Mark = "inferred"
	Chosen     Mark = "chosen"
	Deviation  Mark = "deviation"
)

// Marks are all marks, from the most to the least trustworthy.
var marks = []Mark{Documented, Seen, Inferred, Chosen, Deviation}

// A Source is one mark of a fact and what it rests on.
type Source struct {
	Mark Mark
	Text string // documents, files and threads; for Chosen and Deviation the reason
}

// A Fact is one thing that is known about the real modem or its applications.
type Fact struct {
	Name    string   // as it is cited: "cmng/list-layout"
	Sources []Source // at least one
	Text    string   // the statement, Markdown without a line feed at the end
}

// Subject returns the part of the name before the slash.
func (f *Fact) Subject() string {
	subject, _, _ := strings.Cut(f.Name, "/")
	return subject
}

// Deviation returns why the emulator differs, or may differ, from hardware; it is
// empty if it does not.
func (f *Fact) Deviation() string {
	for _, s := range f.Sources {
		if s.Mark == Deviation {
			return s.Text
		}
	}
	return ""
}

// Provenance returns the marks and sources in one line, as they stand in the file.
func (f *Fact) Provenance() string {
	var parts []string
	for _, s := range f.Sources {
		parts = append(parts, string(s.Mark)+": "+s.Text+".")
	}
	return strings.Join(parts, " ")
}

// String returns the fact for a person: name, provenance and statement.
func (f *Fact) String() string {
	return fmt.Sprintf("%s\n%s\n%s\n", f.Name, f.Provenance(), f.Text)
}

//go:embed *.md
var files embed.FS

var load = sync.OnceValues(func() ([]Fact, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var all []Fact
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		list, err := parse(e.Name(), string(data))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
})

func all() []Fact {
	list, err := load()
	if err != nil {
		panic(err) // the tests have read the same files
	}
	return list
}

// All returns all facts, those of a subject together, in the order of their files.
func All() []Fact { return slices.Clone(all()) }

// Lookup returns the fact of a name.
func Lookup(name string) (Fact, bool) {
	list := all()
	i := slices.IndexFunc(list, func(f Fact) bool { return f.Name == name })
	if i < 0 {
		return Fact{}, false
	}
	return list[i], true
}

// Subject returns the facts of a subject in the order of its file; none if there is
// no such subject.
func Subject(subject string) []Fact {
	var list []Fact
	for _, f := range all() {
		if f.Subject() == subject {
			list = append(list, f)
		}
	}
	return list
}

// Deviations returns the facts in which the emulator differs, or may differ, from
// hardware.
func Deviations() []Fact {
	var list []Fact
	for _, f := range all() {
		if f.Deviation() != "" {
			list = append(list, f)
		}
	}
	return list
}
