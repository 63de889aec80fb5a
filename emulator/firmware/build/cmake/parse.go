package cmake

import (
	"fmt"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

// A command is one call, such as target_sources(app PRIVATE src/main.c).
type command struct {
	name string // in lower case
	args []arg
	pos  diag.Pos
}

// An arg is one argument as it is written.
type arg struct {
	text   string
	quoted bool // in quotes: not split at semicolons
	raw    bool // in brackets: no variables
}

// A node is a command, or a block of them.
type node struct {
	command
	branches []branch // of if
	body     []node   // of foreach, while, function, macro
}

type branch struct {
	command // if, elseif or else
	body    []node
}

// maxNesting bounds blocks in blocks, calls in calls, and files in files.
const maxNesting = 100

// parse reads a file.
func parse(name, text string) ([]node, error) {
	commands, err := scan(name, text)
	if err != nil {
		return nil, err
	}
	p := &parser{commands: commands}
	nodes, err := p.nodes(0)
	if err == nil && p.next < len(p.commands) {
		c := p.commands[p.next]
		err = &Error{c.pos, c.name + "() is out of place: nothing is open that it would end"}
	}
	return nodes, err
}

// Error is an error in a file.
type Error struct {
	Pos  diag.Pos
	Text string
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Text }

type parser struct {
	commands []command
	next     int
}

// blocks are the commands that open a block, with those that end it.
var blocks = map[string]string{"if": "endif", "foreach": "endforeach", "while": "endwhile", "function": "endfunction", "macro": "endmacro", "block": "endblock"}

func isEnd(name string) bool {
	return name == "else" || name == "elseif" || strings.HasPrefix(name, "end") && blocks[name[3:]] == name
}

func (p *parser) nodes(depth int) ([]node, error) {
	var list []node
	for p.next < len(p.commands) {
		c := p.commands[p.next]
		if isEnd(c.name) {
			return list, nil
		}
		p.next++
		n := node{command: c}
		end, opens := blocks[c.name]
		if !opens {
			list = append(list, n)
			continue
		}
		if depth >= maxNesting {
			return nil, &Error{c.pos, "blocks are nested too deep"}
		}
		head := c
		for {
			body, err := p.nodes(depth + 1)
			if err != nil {
				return nil, err
			}
			if p.next == len(p.commands) {
				return nil, &Error{c.pos, fmt.Sprintf("%s() is not closed: %s() is missing", c.name, end)}
			}
			closing := p.commands[p.next]
			p.next++
			if c.name == "if" {
				n.branches = append(n.branches, branch{head, body})
			} else {
				n.body = body
			}
			if closing.name == end {
				break
			}
			if c.name != "if" || head.name == "else" || closing.name != "else" && closing.name != "elseif" {
				return nil, &Error{closing.pos, fmt.Sprintf("%s() is out of place: %s() of line %d is open", closing.name, c.name, c.pos.Line)}
			}
			head = closing
		}
		list = append(list, n)
	}
	return list, nil
}

// scan splits a file into commands.
func scan(name, text string) ([]command, error) {
	s := &scanner{text: strings.ReplaceAll(text, "\r\n", "\n"), pos: diag.Pos{File: name, Line: 1}}
	s.text = strings.TrimPrefix(s.text, "\ufeff")
	var all []command
	for {
		if err := s.blanks(); err != nil {
			return nil, err
		}
		if s.text == "" {
			return all, nil
		}
		n := 0
		for n < len(s.text) && isIdent(s.text[n]) {
			n++
		}
		if n == 0 {
			return nil, s.errorf("%q is out of place: a command is expected", first(s.text))
		}
		c := command{name: strings.ToLower(s.text[:n]), pos: s.pos}
		s.take(n)
		s.text = strings.TrimLeft(s.text, " \t")
		if !strings.HasPrefix(s.text, "(") {
			return nil, s.errorf("( is missing after %s", c.name)
		}
		s.take(1)
		if err := s.arguments(&c); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
}

type scanner struct {
	text string
	pos  diag.Pos
}

func (s *scanner) errorf(format string, args ...any) error {
	return &Error{s.pos, fmt.Sprintf(format, args...)}
}

// take passes over n bytes and returns them.
func (s *scanner) take(n int) string {
	t := s.text[:n]
	s.pos.Line += strings.Count(t, "\n")
	s.text = s.text[n:]
	return t
}

// blanks passes over white space and comments.
func (s *scanner) blanks() error {
	for s.text != "" {
		switch c := s.text[0]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			s.take(1)
		case c == '#' && openBracket(s.text[1:]) >= 0:
			s.take(1)
			if _, err := s.bracket(); err != nil {
				return err
			}
		case c == '#':
			n := strings.IndexByte(s.text, '\n')
			if n < 0 {
				n = len(s.text)
			}
			s.take(n)
		default:
			return nil
		}
	}
	return nil
}

// openBracket returns the number of equals signs of an opening bracket such as
// [==[, or -1.
func openBracket(text string) int {
	if !strings.HasPrefix(text, "[") {
		return -1
	}
	n := 1
	for n < len(text) && text[n] == '=' {
		n++
	}
	if n < len(text) && text[n] == '[' {
		return n - 1
	}
	return -1
}

// bracket takes an argument in brackets.
func (s *scanner) bracket() (string, error) {
	equals := openBracket(s.text)
	end := "]" + strings.Repeat("=", equals) + "]"
	n := strings.Index(s.text[equals+2:], end)
	if n < 0 {
		return "", s.errorf("a bracket is not closed")
	}
	s.take(equals + 2)
	t := s.take(n)
	s.take(len(end))
	return strings.TrimPrefix(t, "\n"), nil
}

// arguments takes what stands between parentheses. Parentheses inside are
// arguments of their own, as conditions need them.
func (s *scanner) arguments(c *command) error {
	for depth := 1; ; {
		if err := s.blanks(); err != nil {
			return err
		}
		switch {
		case s.text == "":
			return &Error{c.pos, "the parenthesis of " + c.name + " is not closed"}
		case s.text[0] == '(':
			depth++
			c.args = append(c.args, arg{text: s.take(1)})
		case s.text[0] == ')':
			s.take(1)
			if depth--; depth == 0 {
				return nil
			}
			c.args = append(c.args, arg{text: ")"})
		case s.text[0] == '"':
			t, err := s.quoted()
			if err != nil {
				return err
			}
			c.args = append(c.args, arg{text: t, quoted: true})
		case openBracket(s.text) >= 0:
			t, err := s.bracket()
			if err != nil {
				return err
			}
			c.args = append(c.args, arg{text: t, quoted: true, raw: true})
		default:
			c.args = append(c.args, arg{text: s.unquoted()})
		}
	}
}

func (s *scanner) quoted() (string, error) {
	for i := 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case '"':
			t := s.take(i + 1)
			return strings.ReplaceAll(t[1:i], "\\\n", ""), nil
		}
	}
	return "", s.errorf("a quote is not closed")
}

// unquoted takes an argument without quotes; one part of it may be in quotes, as
// in -DNAME="text".
func (s *scanner) unquoted() string {
	n := 0
	for n < len(s.text) {
		switch c := s.text[n]; {
		case c == '\\' && n+1 < len(s.text):
			n += 2
			continue
		case c == '$' && n+1 < len(s.text) && s.text[n+1] == '(':
			if end := strings.IndexByte(s.text[n:], ')'); end > 0 {
				n += end + 1
				continue
			}
		case c == '"':
			if end := strings.IndexByte(s.text[n+1:], '"'); end >= 0 && n > 0 {
				n += end + 2
				continue
			}
			if n > 0 {
				return s.take(n)
			}
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '(' || c == ')' || c == '#':
			return s.take(n)
		}
		n++
	}
	return s.take(n)
}

func isIdent(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return s
}
