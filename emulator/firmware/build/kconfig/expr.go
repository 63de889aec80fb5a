package kconfig

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An expr is a condition, or the value of a default. The condition that always holds
// is nil.
type expr struct {
	op   string // "&&", "||", "!", a comparison, "sym" or "lit"
	l, r *expr
	text string // of a symbol or a literal
}

// and returns the condition that both hold.
func and(a, b *expr) *expr {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &expr{op: "&&", l: a, r: b}
}

func or(a, b *expr) *expr {
	if a == nil || b == nil {
		return nil
	}
	return &expr{op: "||", l: a, r: b}
}

func (e *expr) String() string {
	switch {
	case e == nil:
		return "y"
	case e.op == "sym":
		return e.text
	case e.op == "lit":
		return strconv.Quote(e.text)
	case e.op == "!":
		return "!" + e.l.nested()
	case e.op == "&&" || e.op == "||":
		return e.l.nested() + " " + e.op + " " + e.r.nested()
	}
	return e.l.String() + " " + e.op + " " + e.r.String()
}

func (e *expr) nested() string {
	if e != nil && (e.op == "&&" || e.op == "||") {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// maxDepth bounds how deep parentheses, menus and sourced files may be nested.
const maxDepth = 100

// A scanner takes the tokens of one line.
type scanner struct {
	rest  string
	depth int
}

// next returns the next token: a word, an operator, or a text in quotes, which
// keeps its first quote. It returns "" at the end of the line or at a comment.
func (s *scanner) next() (string, error) {
	s.rest = strings.TrimLeft(s.rest, " \t")
	if s.rest == "" || s.rest[0] == '#' {
		s.rest = ""
		return "", nil
	}
	switch c := s.rest[0]; {
	case c == '"' || c == '\'':
		var b strings.Builder
		b.WriteByte('"')
		for i := 1; i < len(s.rest); i++ {
			switch {
			case s.rest[i] == '\\' && i+1 < len(s.rest):
				i++
				b.WriteByte(s.rest[i])
			case s.rest[i] == c:
				s.rest = s.rest[i+1:]
				return b.String(), nil
			default:
				b.WriteByte(s.rest[i])
			}
		}
		return "", errors.New("the text has no closing quote")
	case isWord(c):
		n := 1
		for n < len(s.rest) && isWord(s.rest[n]) {
			n++
		}
		t := s.rest[:n]
		s.rest = s.rest[n:]
		return t, nil
	}
	for _, op := range [...]string{"&&", "||", "!=", "<=", ">=", ":=", "+=", "!", "=", "<", ">", "(", ")"} {
		if strings.HasPrefix(s.rest, op) {
			s.rest = s.rest[len(op):]
			return op, nil
		}
	}
	return "", fmt.Errorf("%q is out of place", s.rest[:1])
}

// peek returns the next token without taking it.
func (s *scanner) peek() string {
	save := *s
	t, err := s.next()
	*s = save
	if err != nil {
		return ""
	}
	return t
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c == '/' || c == '$' || c == ',' ||
		c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// condition takes "if E" if it is there, and the end of the line.
func (s *scanner) condition() (*expr, error) {
	t, err := s.next()
	if err != nil || t == "" {
		return nil, err
	}
	if t != "if" {
		return nil, fmt.Errorf("%q is out of place; a condition begins with if", strings.TrimPrefix(t, `"`))
	}
	return s.whole()
}

// whole takes an expression that reaches to the end of the line.
func (s *scanner) whole() (*expr, error) {
	e, err := s.expression()
	if err != nil {
		return nil, err
	}
	if t, err := s.next(); err != nil || t != "" {
		return nil, errors.Join(err, fmt.Errorf("%q is left over", strings.TrimPrefix(t, `"`)))
	}
	return e, nil
}

func (s *scanner) expression() (*expr, error) { return s.binary("||", s.conjunction) }

func (s *scanner) conjunction() (*expr, error) { return s.binary("&&", s.comparison) }

func (s *scanner) binary(op string, operand func() (*expr, error)) (*expr, error) {
	l, err := operand()
	for err == nil && s.peek() == op {
		s.next()
		var r *expr
		if r, err = operand(); err == nil {
			l = &expr{op: op, l: l, r: r}
		}
	}
	return l, err
}

func (s *scanner) comparison() (*expr, error) {
	l, err := s.operand()
	if err != nil {
		return nil, err
	}
	switch op := s.peek(); op {
	case "=", "!=", "<", "<=", ">", ">=":
		s.next()
		r, err := s.operand()
		return &expr{op: op, l: l, r: r}, err
	}
	return l, nil
}

func (s *scanner) operand() (*expr, error) {
	t, err := s.next()
	if err != nil {
		return nil, err
	}
	if s.depth++; s.depth > maxDepth {
		return nil, errors.New("the expression is nested too deep")
	}
	defer func() { s.depth-- }()
	switch {
	case t == "":
		return nil, errors.New("the expression is incomplete")
	case t == "!":
		e, err := s.operand()
		return &expr{op: "!", l: e}, err
	case t == "(":
		e, err := s.expression()
		if err != nil {
			return nil, err
		}
		if t, err := s.next(); err != nil || t != ")" {
			return nil, errors.Join(err, errors.New("a parenthesis is not closed"))
		}
		if e == nil {
			return nil, errors.New("a pair of parentheses is empty")
		}
		return e, nil
	case t[0] == '"':
		return &expr{op: "lit", text: t[1:]}, nil
	case isWord(t[0]):
		if _, err := strconv.ParseInt(t, 0, 64); err == nil || t == "y" || t == "n" || t == "m" {
			return &expr{op: "lit", text: t}, nil
		}
		return &expr{op: "sym", text: t}, nil
	}
	return nil, fmt.Errorf("%q is out of place", t)
}
