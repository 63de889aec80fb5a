package testvectors

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

// A Script is one vector: the parsed form of a vector file.
type Script struct {
	// Name is the slash-separated path of the file, as in "modem/cmng/delete.txt".
	Name string
	// Device says which devices the vector holds for.
	Device Device
	// Lines are all lines of the file in their order, comments included.
	Lines []Line

	files fs.FS // where the files beside live; nil if there are none
}

// Device says which devices a vector holds for and what it needs of them.
type Device struct {
	// Profiles and Apps are patterns in the syntax of [path.Match]. An empty
	// list holds for all.
	Profiles, Apps []string
	// Needs are the further words of the device line; a bare word has an empty
	// value. See [Target.Provides].
	Needs map[string]string
}

// A Verb is what a line of a script does.
type Verb string

// The verbs. The package documentation says what each does.
const (
	Comment    Verb = "#" // also blank lines
	DeviceLine Verb = "device"
	Documented Verb = "documented"
	Seen       Verb = "seen"
	Inferred   Verb = "inferred"
	Chosen     Verb = "chosen"
	Fact       Verb = "fact"
	Send       Verb = ">"
	SendRaw    Verb = ">>"
	Expect     Verb = "<"
	ExpectRaw  Verb = "<<"
	URC        Verb = "urc"
	Banner     Verb = "banner"
	Silence    Verb = "silence"
	Wait       Verb = "wait"
	Timeout    Verb = "timeout"
	Power      Verb = "power"
	WearCheck  Verb = "wear"
	ControlDo  Verb = "control"
)

// A Line is one line of a vector file.
type Line struct {
	Number int      // counted from 1
	Conds  []string // the conditions before the verb, without brackets
	Verb   Verb
	Arg    string // what follows the verb; the whole line of a comment
	Mark   Mark   // of an expectation: the mark that it stands under
}

// A Mark says how far an expectation can be trusted, and why.
type Mark struct {
	Kind   Verb // Fact, Documented, Seen, Inferred or Chosen; empty for none
	Source string
}

// Facts returns the names of the facts that a mark of the kind Fact rests on, such
// as "cmng/list-layout".
func (m Mark) Facts() []string {
	if m.Kind != Fact {
		return nil
	}
	names, _, _ := strings.Cut(m.Source, ":")
	return strings.Split(names, ", ")
}

var factName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`)
})

// check refuses the name of a fact that can be none.
func (m Mark) check() error {
	for _, name := range m.Facts() {
		if !factName().MatchString(name) {
			return fmt.Errorf("%q is not the name of a fact, such as cmng/list-layout; several are separated by a comma and a blank, and words follow a colon", name)
		}
	}
	return nil
}

// String returns the mark as it stands in the file.
func (m Mark) String() string {
	return strings.TrimRight(string(m.Kind)+" "+m.Source, " ")
}

// expects reports whether the line waits for bytes of the device.
func (l *Line) expects() bool {
	switch l.Verb {
	case Expect, ExpectRaw, URC, Banner:
		return true
	}
	return false
}

// String returns the line as it stands in a file, without its line end.
func (l *Line) String() string {
	if l.Verb == Comment {
		return l.Arg
	}
	var b strings.Builder
	for _, c := range l.Conds {
		b.WriteString("[" + c + "] ")
	}
	b.WriteString(string(l.Verb))
	if l.Arg != "" {
		b.WriteString(" " + l.Arg)
	}
	return b.String()
}

// String returns the script as the text of a vector file. Parsing it again
// gives the same script.
func (s *Script) String() string {
	var b strings.Builder
	for i := range s.Lines {
		b.WriteString(s.Lines[i].String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Title returns the first sentence or line of the comment at the head of the
// file: what the vector shows.
func (s *Script) Title() string {
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Verb != Comment {
			break
		}
		if text := strings.TrimSpace(strings.TrimLeft(l.Arg, "# \t")); text != "" {
			return text
		}
	}
	return ""
}

// HoldsFor reports whether the vector is meant for a profile and an application.
func (s *Script) HoldsFor(profile, app string) bool {
	return matchAny(s.Device.Profiles, profile) && matchAny(s.Device.Apps, app)
}

// active reports whether a line counts for a profile and an application.
func (l *Line) active(profile, app string) bool {
	for _, cond := range l.Conds {
		pattern, not := strings.CutPrefix(cond, "!")
		patterns := strings.Split(pattern, ",")
		if (matchAny(patterns, profile) || matchAny(patterns, app)) == not {
			return false
		}
	}
	return true
}

func matchAny(patterns []string, name string) bool {
	for _, p := range patterns {
		// The parser has refused malformed patterns.
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return len(patterns) == 0
}

// certificates is the folder of files that many vectors use.
const certificates = "certificates"

// readFile reads a file beside the vector, or in the folder of certificates.
func (s *Script) readFile(name string) ([]byte, error) {
	if s.files == nil {
		return nil, fmt.Errorf("%q cannot be read: this vector was parsed without files beside it", name)
	}
	full := path.Join(path.Dir(s.Name), name)
	data, err := fs.ReadFile(s.files, full)
	if errors.Is(err, fs.ErrNotExist) && !strings.Contains(name, "/") {
		data, err = fs.ReadFile(s.files, path.Join(certificates, name))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %q beside the vector: put it there or correct the name", full)
	}
	return data, err
}
