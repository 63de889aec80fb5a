package facts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/lazyregexp"
)

var (
	namePattern = lazyregexp.New(`^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$`)
	headPattern = lazyregexp.New(`^#+ `)
	markPattern = lazyregexp.New(`(?:^|\. )(documented|seen|inferred|chosen|deviation): `)
)

// parse reads the facts of one file. An error holds one sentence for each faulty
// fact, headed by file and line.
func parse(file, text string) ([]Fact, error) {
	subject := strings.TrimSuffix(file, ".md")
	var (
		list []Fact
		errs []error
	)
	refuse := func(line int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...)))
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if !strings.HasPrefix(lines[0], "# ") {
		refuse(1, "the file begins with a heading, # and its subject in words")
	}
	for i := 0; i < len(lines); i++ {
		name, ok := strings.CutPrefix(lines[i], "### ")
		if !ok {
			if headPattern().MatchString(lines[i]) && strings.HasPrefix(lines[i], "####") {
				refuse(i+1, "a fact is headed by ### and a blank")
			}
			continue
		}
		start := i + 1
		var body []string
		for i+1 < len(lines) && !headPattern().MatchString(lines[i+1]) {
			i++
			body = append(body, lines[i])
		}
		f := Fact{Name: name}
		if !namePattern().MatchString(name) || f.Subject() != subject {
			refuse(start, "the name %q must be %s/ and words of small letters, digits and hyphens", name, subject)
		}
		if slices.ContainsFunc(list, func(other Fact) bool { return other.Name == name }) {
			refuse(start, "%s stands twice in the file", name)
		}
		if len(body) == 0 {
			refuse(start, "%s has no line of marks and sources", name)
			continue
		}
		sources, err := parseSources(body[0])
		if err != nil {
			refuse(start+1, "%s: %v", name, err)
		}
		f.Sources = sources
		f.Text = strings.TrimSpace(strings.Join(body[1:], "\n"))
		if f.Text == "" {
			refuse(start, "%s has no statement", name)
		}
		list = append(list, f)
	}
	return list, errors.Join(errs...)
}

// parseSources reads a line such as "seen: a log. documented: the guide.".
func parseSources(line string) ([]Source, error) {
	at := markPattern().FindAllStringSubmatchIndex(line, -1)
	if len(at) == 0 || at[0][0] != 0 {
		return nil, fmt.Errorf("the line under the name begins with a mark and a colon, one of %v", marks)
	}
	if !strings.HasSuffix(line, ".") {
		return nil, errors.New("the line of marks and sources ends with a full stop")
	}
	var list []Source
	for i, m := range at {
		end := len(line) - 1
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		s := Source{Mark(line[m[2]:m[3]]), ""}
		if m[1] < end {
			s.Text = line[m[1]:end]
		}
		if strings.TrimSpace(s.Text) == "" {
			return nil, fmt.Errorf("%s names no source", s.Mark)
		}
		list = append(list, s)
	}
	return list, nil
}
