package kconfig

import (
	"fmt"
	"path"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

// Type is the type of an option.
type Type int

// The types. A tristate is read as a bool: there are no modules.
const (
	Unknown Type = iota
	Bool
	Int
	Hex
	String
)

func (t Type) String() string { return [...]string{"unknown", "bool", "int", "hex", "string"}[t] }

// A symbol is an option, from all the places that define it.
type symbol struct {
	name string
	typ  Type
	pos  diag.Pos // where it was defined first
	text string   // of its first prompt
	defs []*definition
	sel  []relation // who selects it
	imp  []relation // who implies it

	choice *choice // the one it is a member of
}

// A definition is one config entry. deps is what it and the menus around it depend on.
type definition struct {
	deps     *expr
	own      *expr // the part of deps that the entry itself wrote
	prompt   bool
	promptIf *expr // visible if, and the condition of the prompt
	defaults []conditional
	ranges   []conditional
}

type conditional struct {
	value, high *expr // high is the upper end of a range
	cond        *expr
}

// A relation is "by selects the symbol, if cond".
type relation struct {
	by   *symbol
	cond *expr
}

type choice struct {
	def     definition
	members []*symbol
	pos     diag.Pos
}

// A Reader finds the files that Kconfig files source.
type Reader interface {
	// ReadConfig returns the content of a file. The name is as it was written, with variables
	// replaced; from is the file that sources it, and relative that the name is
	// relative to that file. resolved is the name to show and to resolve further names from. ok is
	// false if there is no such file.
	ReadConfig(name, from string, relative bool) (content []byte, resolved string, ok bool)
}

// Parser reads Kconfig files. Its findings are in Diag.
type Parser struct {
	Reader Reader
	Vars   map[string]string // $(NAME); environment variables of Zephyr's build
	Diag   *diag.List

	symbols map[string]*symbol
	order   []*symbol
	choices []*choice
	pending []pendingRelation
	files   int
}

// pendingRelation is a select or imply whose target may be defined later.
type pendingRelation struct {
	target string
	imply  bool
	rel    relation
}

// block is a menu, choice or if that is open.
type block struct {
	kind    string
	deps    *expr // of everything inside, those outside included
	visible *expr
	choice  *choice
	pos     diag.Pos
}

// file is the state of reading one file.
type file struct {
	p     *Parser
	name  string
	lines []string
	line  int // of the line in hand, from 1

	blocks []block
	sym    *symbol
	def    *definition // of the config or choice in hand
	inMenu bool        // the line in hand may add to the menu that was just opened
	unset  string      // a variable in the line in hand that is not known
}

const maxFiles = 1000

// Parse reads a Kconfig file that is in no other, as the entry.
func (p *Parser) Parse(name string, content []byte) {
	p.parse(name, content, block{}, 0)
}

func (p *Parser) parse(name string, content []byte, outer block, depth int) {
	if p.symbols == nil {
		p.symbols = make(map[string]*symbol)
	}
	f := &file{p: p, name: name}
	f.blocks = append(f.blocks, outer)
	f.lines = strings.Split(strings.ReplaceAll(string(content), "\r", ""), "\n")
	for f.line < len(f.lines) {
		text := f.nextLine()
		if err := f.statement(text, depth); err != nil {
			f.errorf("%v.", err)
		}
	}
	for _, b := range f.blocks[1:] {
		p.Diag.Add(diag.Error, b.pos, fmt.Sprintf("Write end%s where it ends.", b.kind), "The %s is not closed in this file.", b.kind)
	}
}

func (f *file) pos() diag.Pos { return diag.Pos{File: f.name, Line: f.line} }

func (f *file) errorf(format string, args ...any) {
	f.p.Diag.Add(diag.Error, f.pos(), "", format, args...)
}

// nextLine returns the next line, joined with those that continue it.
func (f *file) nextLine() string {
	text := f.lines[f.line]
	f.line++
	for strings.HasSuffix(text, `\`) && f.line < len(f.lines) {
		text = strings.TrimSuffix(text, `\`) + " " + f.lines[f.line]
		f.line++
	}
	return text
}

// statement reads one line.
func (f *file) statement(text string, depth int) error {
	f.unset = ""
	text = f.expand(text)
	s := &scanner{rest: text}
	word, err := s.next()
	if err != nil || word == "" {
		return err
	}
	if op := s.peek(); op == "=" || op == ":=" || op == "+=" {
		s.next()
		value := strings.TrimSpace(s.rest)
		if op == "+=" {
			value = strings.TrimSpace(f.p.Vars[word] + " " + value)
		}
		if f.p.Vars == nil {
			f.p.Vars = make(map[string]string)
		}
		f.p.Vars[word] = value
		return nil
	}
	if f.property(word, s, &err) {
		return err
	}
	f.sym, f.def, f.inMenu = nil, nil, false
	b := &f.blocks[len(f.blocks)-1]
	switch word {
	case "config", "menuconfig":
		return f.config(s)
	case "menu":
		f.blocks = append(f.blocks, block{kind: "menu", deps: b.deps, visible: b.visible, pos: f.pos()})
		f.inMenu = true
		return nil
	case "if":
		cond, err := s.whole()
		if err != nil {
			return err
		}
		f.blocks = append(f.blocks, block{kind: "if", deps: and(b.deps, cond), visible: b.visible, pos: f.pos()})
		return nil
	case "choice":
		c := &choice{pos: f.pos(), def: definition{deps: b.deps, promptIf: b.visible}}
		f.p.choices = append(f.p.choices, c)
		f.blocks = append(f.blocks, block{kind: "choice", deps: b.deps, visible: b.visible, choice: c, pos: f.pos()})
		f.def = &c.def
		return nil
	case "endmenu", "endif", "endchoice":
		if b.kind != word[len("end"):] {
			return fmt.Errorf("%s is out of place: no %s is open", word, word[len("end"):])
		}
		f.blocks = f.blocks[:len(f.blocks)-1]
		return nil
	case "source", "rsource", "osource", "orsource":
		return f.source(word, s, depth)
	case "mainmenu", "comment":
		f.inMenu = word == "comment" // "depends on" may follow
		return nil
	}
	f.p.Diag.Add(diag.Error, f.pos(), "See whether the line belongs into a help text, which is indented more than the word help.",
		"%q is no word of Kconfig.", strings.TrimPrefix(word, `"`))
	return nil
}

func (f *file) config(s *scanner) error {
	name, err := s.next()
	if err != nil || !isSymbol(name) {
		return fmt.Errorf("config needs a name of letters, digits and underscores")
	}
	sym := f.p.symbols[name]
	if sym == nil {
		sym = &symbol{name: name, pos: f.pos()}
		f.p.symbols[name] = sym
		f.p.order = append(f.p.order, sym)
	}
	b := &f.blocks[len(f.blocks)-1]
	f.sym, f.def = sym, &definition{deps: b.deps, promptIf: b.visible}
	sym.defs = append(sym.defs, f.def)
	if b.choice != nil {
		sym.choice = b.choice
		b.choice.members = append(b.choice.members, sym)
	}
	return nil
}

// source reads another file. An asterisk in its name stands for all that match,
// which the Reader does not offer, so it is said.
func (f *file) source(word string, s *scanner, depth int) error {
	t, err := s.next()
	if err != nil || t == "" || t[0] != '"' {
		return fmt.Errorf("%s needs the name of a file in quotes", word)
	}
	name := path.Clean(t[1:])
	if f.p.files++; depth >= maxDepth || f.p.files > maxFiles {
		return fmt.Errorf("files source each other without end")
	}
	content, resolved, ok := f.p.Reader.ReadConfig(name, f.name, strings.HasSuffix(word, "rsource"))
	switch {
	case ok:
		f.p.parse(resolved, content, f.blocks[len(f.blocks)-1], depth+1)
	case word[0] == 'o':
	case resolved != "":
		f.p.Diag.Add(diag.Note, f.pos(), "The options that it defines are not known; those set in a .conf file are taken as they are written.",
			"%s belongs to the SDK and is not part of the host SDK.", name)
	case f.unset != "":
		f.p.Diag.Add(diag.Note, f.pos(), "The options that it defines are not known; those set in a .conf file are taken as they are written.",
			"%s belongs to a module that is not part of the host SDK: $(%s) is not set.", strings.TrimPrefix(name, "/"), f.unset)
	default:
		f.p.Diag.Add(diag.Error, f.pos(), "Correct the name; rsource is relative to the file that it stands in.", "%s: there is no such file.", name)
	}
	return nil
}

// expand replaces $(NAME), ${NAME} and $NAME by variables. What is not known is
// left empty, as for make; functions are said to be left out.
func (f *file) expand(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		rest := text[i+1:]
		var name string
		switch closing := strings.IndexByte(")}", map[byte]byte{'(': ')', '{': '}'}[rest[0]]); {
		case closing >= 0:
			end := closingAt(rest, "({"[closing], ")}"[closing])
			if end < 0 {
				b.WriteByte(text[i])
				continue
			}
			name = f.expand(rest[1:end]) // a call may have calls and variables inside
			i += end + 1
		default:
			n := 0
			for n < len(rest) && isName(rest[n]) {
				n++
			}
			name = rest[:n]
			i += n
		}
		value, ok := f.p.Vars[name]
		switch {
		case ok:
		case strings.Contains(name, ","):
			f.p.Diag.Add(diag.Note, f.pos(), "", "$(%s) asks the devicetree, which is not read: it is n.", name)
			value = "n"
		default:
			f.unset = name
		}
		b.WriteString(value)
	}
	return b.String()
}

// closingAt returns where the parenthesis ends with which a text begins, -1 if nowhere.
func closingAt(text string, open, end byte) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func isName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
