package kconfig

import (
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
	"nrf91emu/emulator/lazyregexp"
)

// An assignment is one line of a .conf file.
type assignment struct {
	name  string // without CONFIG_
	value string // as it is written
	pos   diag.Pos
	order int // a later one counts
}

var (
	assigned = lazyregexp.New(`^CONFIG_([^=]+)=(.*)$`)
	unset    = lazyregexp.New(`^# CONFIG_(\S+) is not set$`)
	quoted   = lazyregexp.New(`^"((?:[^\\"]|\\.)*)"`)
	escaped  = lazyregexp.New(`\\(.)`)
)

// parseConf reads a .conf file. Zephyr's rules are followed: one assignment a line, which
// begins with CONFIG_. As there, what stands after y, n or a text is passed over, such as a
// comment, and blanks around a number are.
func parseConf(name string, content []byte, d *diag.List) []assignment {
	text := string(content)
	if rest, ok := strings.CutPrefix(text, "\ufeff"); ok {
		d.Add(diag.Error, diag.Pos{File: name, Line: 1}, "Save it as UTF-8 without one.", "The file begins with a byte order mark.")
		text = rest
	}
	var all []assignment
	seen := make(map[string]assignment)
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		pos := diag.Pos{File: name, Line: i + 1}
		line = strings.TrimRight(line, " \t")
		var a assignment
		switch m := assigned().FindStringSubmatch(line); {
		case m != nil:
			a = assignment{name: m[1], value: m[2], pos: pos}
			if _, number := number(strings.TrimSpace(a.value)); !isSymbol(a.name) || strings.HasPrefix(a.value, " ") && !number {
				d.Add(diag.Error, pos, "Write CONFIG_NAME=value, without blanks.", "%q is no assignment.", line)
				continue
			}
		case unset().MatchString(line):
			a = assignment{name: unset().FindStringSubmatch(line)[1], value: "n", pos: pos}
		case line == "" || strings.HasPrefix(strings.TrimLeft(line, " \t"), "#"):
			continue
		case assigned().MatchString(strings.TrimLeft(line, " \t")):
			d.Add(diag.Error, pos, "Begin the line with CONFIG_; Zephyr passes over one with a blank before it, and stops.", "%q begins with a blank.", line)
			continue
		default:
			d.Add(diag.Error, pos, "Write CONFIG_NAME=value; a comment begins with #.", "%q is no assignment.", line)
			continue
		}
		if old, ok := seen[a.name]; ok && old.value != a.value {
			d.Add(diag.Warning, pos, "The later one counts. Delete one.", "CONFIG_%s is set to %s here and to %s in line %d.", a.name, a.value, old.value, old.pos.Line)
		}
		seen[a.name] = a
		all = append(all, a)
	}
	return all
}

func isSymbol(name string) bool {
	for i := range len(name) {
		if !isName(name[i]) {
			return false
		}
	}
	return name != ""
}

// literal returns the value of an assignment for an option of a type. For
// Unknown, the type is that of what is written. ok is false if the text does not
// fit the type; do says what to write.
func literal(t Type, text string) (typ Type, value, do string, ok bool) {
	m := quoted().FindStringSubmatch(text)
	text = strings.TrimSpace(text)
	if t == Unknown {
		if m == nil { // nobody looks at it: what it says is all that counts
			text, _, _ = strings.Cut(text, " ")
		}
		switch {
		case m != nil:
			t = String
		case text != "" && strings.Contains("ynm", text[:1]):
			t = Bool
		case strings.HasPrefix(text, "0x"):
			t = Hex
		default:
			t = Int
		}
	}
	switch t {
	case Bool:
		switch {
		case strings.HasPrefix(text, "y"), strings.HasPrefix(text, "m"):
			return t, "y", "", true
		case strings.HasPrefix(text, "n"):
			return t, "n", "", true
		}
		return t, text, "Write y or n.", false
	case String:
		if m == nil {
			return t, "", "Write it in double quotes, with nothing after them.", false
		}
		return t, escaped().ReplaceAllString(m[1], "$1"), "", true
	case Hex:
		n, ok := number(text)
		if !ok && n == 0 {
			_, ok = number("0x" + text)
			text = "0x" + text
		}
		return t, text, "Write a hexadecimal number, such as 0x20.", ok
	}
	_, ok = number(text)
	return t, text, "Write a number.", ok && !strings.HasPrefix(text, "0x")
}
