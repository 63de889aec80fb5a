package diag

import (
	"fmt"
	"strings"
)

// Severity says what a finding means for the program.
type Severity int

const (
	// Note: it makes no difference to the program.
	Note Severity = iota
	// Warning: the program is built, perhaps not as it was meant.
	Warning
	// Error: the program would be another one; nothing is built.
	Error
)

func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// Pos is a place in a file. Line counts from 1; 0 is the file as a whole.
type Pos struct {
	File string
	Line int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// A Finding is one thing found.
type Finding struct {
	Pos
	Severity Severity
	Text     string // what is there, a sentence
	Do       string // what to do about it, a sentence, or ""
}

func (f Finding) String() string {
	s := fmt.Sprintf("%s: %s: %s", f.Pos, f.Severity, f.Text)
	if f.Do != "" {
		s += " " + f.Do
	}
	return s
}

// List collects findings. The same finding twice, as from a loop, is kept once.
type List struct {
	all  []Finding
	seen map[string]bool
}

// Add adds a finding; text is formatted, and do is what to do about it.
func (l *List) Add(sev Severity, pos Pos, do, format string, args ...any) {
	f := Finding{pos, sev, fmt.Sprintf(format, args...), do}
	if l.seen[f.String()] {
		return
	}
	if l.seen == nil {
		l.seen = make(map[string]bool)
	}
	l.seen[f.String()] = true
	l.all = append(l.all, f)
}

// All returns the findings in the order they came in.
func (l *List) All() []Finding { return l.all }

// Err returns an error that lists the findings of severity Error, or nil.
func (l *List) Err() error {
	var lines []string
	for _, f := range l.all {
		if f.Severity == Error {
			lines = append(lines, f.String())
		}
	}
	if lines == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}
