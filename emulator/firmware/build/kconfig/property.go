package kconfig

import (
	"errors"
	"fmt"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

var types = map[string]Type{"bool": Bool, "boolean": Bool, "tristate": Bool, "int": Int, "hex": Hex, "string": String}

// property reads a line that says more about the entry before it. It returns
// false for another line.
func (f *file) property(word string, s *scanner, err *error) bool {
	switch word {
	case "depends":
		*err = f.depends(s)
		return true
	case "visible":
		*err = f.visible(s)
		return true
	case "help", "---help---":
		f.skipHelp()
		return true
	case "bool", "boolean", "tristate", "int", "hex", "string", "def_bool", "def_tristate", "def_int", "def_hex", "def_string",
		"default", "select", "imply", "range", "prompt", "option", "optional", "modules", "transitional":
	default:
		return false
	}
	if f.def == nil {
		*err = fmt.Errorf("%s is out of place: it belongs to a config or a choice", word)
		return true
	}
	if name, ok := strings.CutPrefix(word, "def_"); ok {
		*err = errors.Join(f.setType(types[name]), f.addDefault(s))
		return true
	}
	switch word {
	case "default":
		*err = f.addDefault(s)
	case "range":
		*err = f.addRange(s)
	case "select", "imply":
		*err = f.relate(s, word == "imply")
	case "option", "optional", "modules", "transitional":
	case "prompt":
		*err = f.prompt(s)
	default:
		*err = errors.Join(f.setType(types[word]), f.prompt(s))
	}
	return true
}

func (f *file) setType(t Type) error {
	if f.sym == nil {
		return nil // a choice
	}
	if f.sym.typ != Unknown && f.sym.typ != t {
		return fmt.Errorf("%s is %s here, and %s at %s", f.sym.name, t, f.sym.typ, f.sym.pos)
	}
	f.sym.typ = t
	return nil
}

// prompt reads the text of a prompt, if there is one. An option with a prompt
// can be set; one without gets its value from defaults and selects alone.
func (f *file) prompt(s *scanner) error {
	if t := s.peek(); t == "" || t[0] != '"' {
		_, err := s.next()
		return err
	}
	t, err := s.next()
	if err != nil {
		return err
	}
	if f.sym != nil && f.sym.text == "" {
		f.sym.text = t[1:]
	}
	cond, err := s.condition()
	f.def.prompt = true
	f.def.promptIf = and(f.def.promptIf, cond)
	return err
}

func (f *file) addDefault(s *scanner) error {
	value, err := s.expression()
	if err != nil {
		return err
	}
	cond, err := s.condition()
	f.def.defaults = append(f.def.defaults, conditional{value: value, cond: cond})
	return err
}

func (f *file) addRange(s *scanner) error {
	low, err := s.operand()
	if err != nil {
		return err
	}
	high, err := s.operand()
	if err != nil {
		return err
	}
	cond, err := s.condition()
	f.def.ranges = append(f.def.ranges, conditional{value: low, high: high, cond: cond})
	return err
}

func (f *file) relate(s *scanner, imply bool) error {
	target, err := s.next()
	if err != nil || target == "" || !isWord(target[0]) {
		return errors.Join(err, errors.New("select and imply need the name of an option"))
	}
	cond, err := s.condition()
	if f.sym == nil {
		return errors.Join(err, errors.New("a choice selects nothing"))
	}
	f.p.pending = append(f.p.pending, pendingRelation{target, imply, relation{f.sym, cond}})
	return err
}

func (f *file) depends(s *scanner) error {
	if on, err := s.next(); err != nil || on != "on" {
		return errors.Join(err, errors.New("depends is followed by on"))
	}
	e, err := s.expression()
	if err != nil {
		return err
	}
	cond, err := s.condition() // "depends on A if B", in newer Kconfig
	if cond != nil {
		e = or(e, &expr{op: "!", l: cond})
	}
	b := &f.blocks[len(f.blocks)-1]
	switch {
	case f.def != nil:
		f.def.deps, f.def.own = and(f.def.deps, e), and(f.def.own, e)
		if f.sym == nil { // a choice: its members depend on it too
			b.deps = and(b.deps, e)
		}
	case f.inMenu && b.kind == "menu":
		b.deps = and(b.deps, e)
	case !f.inMenu:
		return errors.Join(err, errors.New("depends on is out of place: it belongs to a config, a choice or a menu"))
	}
	return err
}

func (f *file) visible(s *scanner) error {
	cond, err := s.condition()
	if b := &f.blocks[len(f.blocks)-1]; b.kind == "menu" && f.inMenu {
		b.visible = and(b.visible, cond)
		return err
	}
	return errors.Join(err, errors.New("visible if is out of place: it belongs to a menu"))
}

// skipHelp passes over a help text: lines indented at least as the first of
// them, and empty ones between.
func (f *file) skipHelp() {
	for f.line < len(f.lines) && strings.TrimSpace(f.lines[f.line]) == "" {
		f.line++
	}
	if f.line == len(f.lines) {
		return
	}
	first := indent(f.lines[f.line])
	if first == 0 {
		return
	}
	for f.line < len(f.lines) && (strings.TrimSpace(f.lines[f.line]) == "" || indent(f.lines[f.line]) >= first) {
		f.line++
	}
}

func indent(line string) int {
	n := 0
	for _, c := range line {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 8 - n%8
		default:
			return n
		}
	}
	return n
}

// link resolves selects and implies once all is read.
func (p *Parser) link() {
	for _, r := range p.pending {
		target := p.symbols[r.target]
		if target == nil {
			continue // it belongs to what the host SDK does not have
		}
		if r.imply {
			target.imp = append(target.imp, r.rel)
		} else {
			target.sel = append(target.sel, r.rel)
		}
	}
	p.pending = nil
	for _, s := range p.order {
		if s.typ == Unknown {
			p.Diag.Add(diag.Warning, s.pos, "Give it one: bool, int, hex or string.", "%s has no type.", s.name)
		}
	}
}
