package testvectors

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxScript   = 1 << 20 // bytes of a vector file
	maxErrors   = 10      // sentences reported for one file
	maxDuration = 10 * time.Minute
)

// ParseFS reads and parses one vector file. Files beside it are read from the
// same file system; those that are missing are errors already here.
func ParseFS(fsys fs.FS, name string) (*Script, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return parse(name, data, fsys)
}

// Parse parses a vector that has no files beside it. The name is used in
// messages. An error holds one sentence for each faulty line, each headed by
// name and line number.
func Parse(name string, data []byte) (*Script, error) {
	return parse(name, data, nil)
}

func parse(name string, data []byte, files fs.FS) (*Script, error) {
	if len(data) > maxScript {
		return nil, fmt.Errorf("%s: the file has %d bytes and a vector at most %d: is it a vector?", name, len(data), maxScript)
	}
	s := &Script{Name: name, files: files}
	known := map[string]bool{} // names that an expectation has given a value
	var (
		mark      Mark
		hasDevice bool
		errs      []error
	)
	text := strings.TrimSuffix(string(data), "\n")
	for i, src := range strings.Split(text, "\n") {
		if len(data) == 0 {
			break
		}
		line, err := parseLine(strings.TrimSuffix(src, "\r"))
		line.Number = i + 1
		if err == nil {
			switch line.Verb {
			case Fact, Documented, Seen, Inferred, Chosen:
				mark = Mark{line.Verb, line.Arg}
				err = mark.check()
			case DeviceLine:
				if hasDevice {
					err = errors.New("there is a device line already: put all into one")
					break
				}
				hasDevice = true
				s.Device, err = parseDevice(line.Arg)
			default:
				err = s.check(&line, known)
			}
		}
		if line.expects() {
			line.Mark = mark
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, line.Number, err))
			if len(errs) == maxErrors {
				break
			}
		}
		s.Lines = append(s.Lines, line)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// parseLine cuts a line into conditions, verb and argument.
func parseLine(src string) (Line, error) {
	trimmed := strings.TrimSpace(src)
	if trimmed == "" || trimmed[0] == '#' {
		// Trailing blanks of a comment say nothing and editors remove them.
		return Line{Verb: Comment, Arg: strings.TrimRight(src, " \t\r")}, nil
	}
	var line Line
	rest := strings.TrimLeft(src, " \t")
	for strings.HasPrefix(rest, "[") {
		cond, after, ok := strings.Cut(rest[1:], "]")
		if !ok {
			return line, errors.New("the condition has no closing bracket")
		}
		if err := checkCond(cond); err != nil {
			return line, err
		}
		line.Conds = append(line.Conds, cond)
		rest = strings.TrimLeft(after, " \t")
	}
	verb, arg, _ := strings.Cut(rest, " ")
	line.Verb, line.Arg = Verb(verb), arg
	if line.Verb == Comment {
		return line, errors.New("a condition stands before a step, not before a comment")
	}
	if !slices.Contains([]Verb{Send, Expect, URC}, line.Verb) {
		line.Arg = strings.TrimSpace(arg)
	}
	if len(line.Conds) > 0 && line.Verb == DeviceLine {
		return line, errors.New("the device line cannot stand under a condition: it says itself which devices it means")
	}
	return line, nil
}

func checkCond(cond string) error {
	for p := range strings.SplitSeq(strings.TrimPrefix(cond, "!"), ",") {
		if p == "" || strings.ContainsAny(p, " \t") {
			return fmt.Errorf("the condition [%s] is not a list of profiles or applications like [nrf9160-1.2.*,slm]", cond)
		}
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("the pattern %q in a condition is malformed: use * for any characters and ? for one", p)
		}
	}
	return nil
}

func parseDevice(arg string) (Device, error) {
	d := Device{Needs: map[string]string{}}
	for _, word := range strings.Fields(arg) {
		key, value, hasValue := strings.Cut(word, "=")
		var list *[]string
		switch key {
		case "":
			return d, fmt.Errorf("%q has no name before the equals sign", word)
		case "profile":
			list = &d.Profiles
		case "app":
			list = &d.Apps
		default:
			if _, twice := d.Needs[key]; twice {
				return d, fmt.Errorf("%s stands twice on the device line", key)
			}
			if hasValue && value == "" {
				return d, fmt.Errorf("%s= has no value: write %s=VALUE, or %s alone", key, key, key)
			}
			d.Needs[key] = value
			continue
		}
		if *list != nil {
			return d, fmt.Errorf("%s stands twice on the device line: separate several by commas", key)
		}
		for p := range strings.SplitSeq(value, ",") {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				return d, fmt.Errorf("%s has the pattern %q: write a name, with * for any characters", key, p)
			}
			*list = append(*list, p)
		}
	}
	return d, nil
}

// check refuses a step that could not be played.
func (s *Script) check(l *Line, known map[string]bool) error {
	switch l.Verb {
	case Comment:
		return nil
	case Send, Expect, URC:
		if err := checkText(l); err != nil {
			return err
		}
		return s.checkTemplate(l, l.Arg, known)
	case SendRaw, ExpectRaw:
		raw, err := unquote(l.Arg)
		if err != nil {
			return err
		}
		return s.checkTemplate(l, raw, known)
	case Banner:
		if l.Arg != "" {
			return errors.New("banner stands alone: the text belongs to the application's layout")
		}
		return nil
	case Silence, Wait, Timeout:
		_, err := parseDuration(l.Arg)
		return err
	case Power:
		if l.Arg != "cycle" && l.Arg != "cut" {
			return fmt.Errorf("power knows cycle and cut, not %q", l.Arg)
		}
		return nil
	case WearCheck:
		_, err := parseWear(l.Arg)
		return err
	case ControlDo:
		if l.Arg == "" {
			return errors.New("control needs words that say what to do")
		}
		return nil
	}
	return fmt.Errorf("%q is not a verb: a line begins with >, <, urc or another verb of the package documentation, or with # for a comment", l.Verb)
}

// checkText refuses text that would not survive an editor.
func checkText(l *Line) error {
	if l.Arg == "" && l.Verb != Send {
		return fmt.Errorf("%s needs a text; for exact bytes, an empty line among them, use <<", l.Verb)
	}
	if strings.TrimRight(l.Arg, " \t") != l.Arg {
		return fmt.Errorf("blanks at the end of a line do not last in editors: write the bytes with %s", l.Verb.raw())
	}
	for _, r := range l.Arg {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return fmt.Errorf("%q cannot stand in a text: write the bytes with %s", r, l.Verb.raw())
		}
	}
	return nil
}

// raw returns the verb that takes exact bytes in the same direction.
func (v Verb) raw() Verb {
	if v == Send {
		return SendRaw
	}
	return ExpectRaw
}

func (s *Script) checkTemplate(l *Line, text string, known map[string]bool) error {
	t, err := parseTemplate(text)
	if err != nil {
		return err
	}
	for i, p := range t {
		switch p.kind {
		case partFile, partSHA256:
			if s.files == nil {
				break
			}
			if _, err := s.readFile(p.text); err != nil {
				return err
			}
		case partShape:
			if err := checkShape(l, p, known[p.name]); err != nil {
				return err
			}
			if l.Verb == ExpectRaw && i == len(t)-1 {
				return fmt.Errorf("{%s} stands at the end: nothing says where its value ends, so let text follow", p.name)
			}
			known[p.name] = true
		}
	}
	return nil
}

// checkShape refuses a shape where it cannot stand; known says whether its name
// has been given a value further up.
func checkShape(l *Line, p part, known bool) error {
	switch {
	case !l.expects() && p.inline:
		return fmt.Errorf("{%s:…} cannot be sent: a shape with a regular expression is for expected lines", p.name)
	case !l.expects() && !known:
		return fmt.Errorf("{%s} has no value yet: it gets one where an expected line names it, further up", p.name)
	case p.re == nil && !known:
		return fmt.Errorf("{%s} has no shape: write {%s:REGEXP} where it comes first, for instance {%s:[0-9]+}", p.name, p.name, p.name)
	}
	return nil
}

func unquote(arg string) (string, error) {
	if len(arg) < 2 || arg[0] != '"' {
		return "", errors.New(`exact bytes stand in double quotes, as in >> "AT\r\n"`)
	}
	raw, err := strconv.Unquote(arg)
	if err != nil {
		return "", fmt.Errorf(`%s is not a Go string: quotes inside it are written \" and a backslash \\`, arg)
	}
	if raw == "" {
		return "", errors.New("the bytes are empty: leave the line out, or use silence")
	}
	return raw, nil
}

func parseDuration(arg string) (time.Duration, error) {
	d, err := time.ParseDuration(arg)
	if err != nil || d <= 0 || d > maxDuration {
		return 0, fmt.Errorf("%q is not a time: write a number and a unit such as 200ms or 5s, at most 10m", arg)
	}
	return d, nil
}
