package kconfig

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

// Config is what all options come to.
type Config struct {
	parser *Parser
	user   map[string]assignment // the last of each option counts
	memo   map[string]value
	doing  map[string]bool
	chosen map[*choice]*symbol
}

// A value is what an option comes to. An option is written to autoconf.h if it
// is set: a bool that is y, or another one that may be seen or has a default.
type value struct {
	typ  Type
	text string // "y" or "n", a number, or a string without quotes
	set  bool
}

// Conf is a .conf file.
type Conf struct {
	Name    string
	Content []byte
}

// Load computes the options from .conf files, later ones over earlier ones.
// Call it once, after the last Parse.
func (p *Parser) Load(files []Conf) *Config {
	p.link()
	c := &Config{parser: p, user: make(map[string]assignment), memo: make(map[string]value),
		doing: make(map[string]bool), chosen: make(map[*choice]*symbol)}
	order := 0
	for _, f := range files {
		for _, a := range parseConf(f.Name, f.Content, p.Diag) {
			sym := p.symbols[a.name]
			if sym != nil && sym.typ != Unknown {
				if _, _, do, ok := literal(sym.typ, a.value); !ok {
					p.Diag.Add(diag.Error, a.pos, do, "%s is no value for CONFIG_%s, which is %s.", a.value, a.name, article(sym.typ))
					continue
				}
			} else if _, _, do, ok := literal(Unknown, a.value); !ok {
				p.Diag.Add(diag.Error, a.pos, do+" A text is in double quotes, with nothing after them.", "CONFIG_%s=%s has no value.", a.name, a.value)
				continue
			}
			a.order = order
			order++
			c.user[a.name] = a
		}
	}
	for _, a := range slices.SortedFunc(maps.Values(c.user), func(x, y assignment) int { return x.order - y.order }) {
		c.check(a)
	}
	return c
}

func article(t Type) string {
	if t == Int {
		return "an int"
	}
	return "a " + t.String()
}

// check says what an assignment does not do.
func (c *Config) check(a assignment) {
	sym := c.parser.symbols[a.name]
	if sym == nil {
		if near := c.near(a.name); near != "" {
			c.parser.Diag.Add(diag.Warning, a.pos, "If it was meant, correct it: with Zephyr an option that does not exist ends the build.",
				"CONFIG_%s is not known here; CONFIG_%s is.", a.name, near)
		} else {
			c.parser.Diag.Add(diag.Note, a.pos, "", "CONFIG_%s is not an option that the host SDK knows; it is taken as it is written.", a.name)
		}
		return
	}
	typ, want, _, _ := literal(sym.typ, a.value)
	got := c.eval(a.name)
	if got.text == want || typ == Hex && sameNumber(got.text, want) {
		return
	}
	prompt := false
	for _, d := range sym.defs {
		prompt = prompt || d.prompt
	}
	switch by := c.selector(sym); {
	case !prompt:
		c.parser.Diag.Add(diag.Error, a.pos, "Delete the line; other options decide it.", "CONFIG_%s cannot be set: it has no prompt (%s).", a.name, sym.pos)
	case by != "" && want == "n":
		c.parser.Diag.Add(diag.Warning, a.pos, "", "CONFIG_%s stays y, because CONFIG_%s selects it.", a.name, by)
	case !c.visible(sym):
		c.parser.Diag.Add(diag.Warning, a.pos, "Set what it depends on.", "CONFIG_%s=%s has no effect: it depends on %s.", a.name, a.value, c.unmet(sym))
	case sym.choice != nil:
		c.parser.Diag.Add(diag.Warning, a.pos, "", "CONFIG_%s=%s has no effect: another member of its choice is selected.", a.name, a.value)
	default:
		c.parser.Diag.Add(diag.Error, a.pos, "Choose another value.", "CONFIG_%s=%s is out of its range; it would be %s.", a.name, a.value, got.text)
	}
}

// unmet names the conditions of a symbol that do not hold.
func (c *Config) unmet(sym *symbol) string {
	var conds []string
	for _, d := range sym.defs {
		conds = append(conds, c.failing(and(d.deps, d.promptIf))...)
	}
	slices.Sort(conds)
	return strings.Join(slices.Compact(conds), ", ")
}

func (c *Config) failing(e *expr) []string {
	switch {
	case e == nil || c.holds(e):
		return nil
	case e.op == "&&":
		return append(c.failing(e.l), c.failing(e.r)...)
	}
	return []string{e.String()}
}

// near returns a known option whose name differs little, or "".
func (c *Config) near(name string) string {
	if len(name) < 6 {
		return ""
	}
	best := ""
	for _, s := range c.parser.order {
		if slip(name, s.name) && (best == "" || s.name < best) {
			best = s.name
		}
	}
	return best
}

// slip reports whether b becomes a by a slip of the finger: two letters
// swapped, one too much, one too few, or one other letter that is no digit.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(b)-len(a) == 1:
		return a[i:] == b[i+1:] && (b[i] < '0' || b[i] > '9')
	case len(b) != len(a) || i == len(a):
		return false
	case i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i]:
		return a[i+2:] == b[i+2:]
	}
	return a[i+1:] == b[i+1:] && (a[i] < '0' || a[i] > '9') && (b[i] < '0' || b[i] > '9')
}

// number reads a decimal or hexadecimal number.
func number(text string) (int64, bool) {
	base := 10
	digits := strings.TrimPrefix(text, "-")
	if rest, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		base, digits = 16, rest
	}
	n, err := strconv.ParseUint(digits, base, 63)
	if err != nil {
		return 0, false
	}
	if strings.HasPrefix(text, "-") {
		return -int64(n), true
	}
	return int64(n), true
}

func sameNumber(a, b string) bool {
	x, ok := number(a)
	y, ok2 := number(b)
	return ok && ok2 && x == y
}
