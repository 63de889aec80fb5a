package testvectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An edit is what would make a group of expectations right.
type edit struct {
	after  int            // line after which new lines go if nothing before them is kept
	drop   []int          // lines that did not come
	insert map[int][]Line // new lines, by the line that they follow
}

// edit compares what a group has received with its lines.
func (p *player) edit() edit {
	g := &p.group
	e := edit{insert: map[int][]Line{}}
	e.after = g.start
	u := unlayout{response: response{layout: p.target.Layout}}
	for _, l := range g.sends {
		e.after = l.Number
		u.commands++
		if l.Verb == SendRaw {
			raw, _ := unquote(l.Arg)
			u.commands += strings.Count(raw, "{eol}") - 1
		}
	}
	remaining := g.lines
	for rest := g.got; len(rest) > 0; {
		if i, n, ok := p.find(remaining, rest, &u); ok {
			for _, x := range remaining[:i] {
				e.drop = append(e.drop, x.line.Number)
			}
			e.after = remaining[i].line.Number
			remaining, rest = remaining[i+1:], rest[n:]
			continue
		}
		line, n := u.next(rest)
		// New lines stand where the line that they replace stood.
		at := e.after
		if len(remaining) > 0 {
			at = remaining[0].line.Number
			e.drop = append(e.drop, at)
			remaining = remaining[1:]
			e.after = at
		}
		e.insert[at] = append(e.insert[at], line)
		rest = rest[n:]
	}
	for _, x := range remaining {
		e.drop = append(e.drop, x.line.Number)
	}
	return e
}

// find returns the first expectation that the beginning of got fits.
func (p *player) find(lines []expected, got []byte, u *unlayout) (i, n int, ok bool) {
	for i, x := range lines {
		if i > 0 && (len(x.text) == 0 || x.text[0].kind != partLiteral) {
			continue // fits too much to say that the lines before it are gone
		}
		r := u.response
		lead := x.lead
		if x.line.Verb == Expect {
			lead = r.lead(x.line.Arg)
		}
		pat, err := p.scope.pattern(x.text, lead, x.end)
		if err != nil {
			continue
		}
		if v, n, _ := pat.match(got); v == matched && n > 0 {
			u.response = r
			if x.line.Verb == Expect && isFinal(x.line.Arg) {
				u.commands--
			}
			return i, n, true
		}
	}
	return 0, 0, false
}

// Updated returns the text of the vector file with the expectations replaced
// that differed in the plays, and nothing else. What -update cannot make right
// stays as it is: silence that was broken, wear, and lines in a conflict.
//
// When a file was played on several devices and they answered differently, it
// is an error that names the lines: they need conditions, or a file of their
// own.
func (s *Script) Updated(results ...*Result) (string, error) {
	drop := map[int]bool{}
	insert := map[int][]Line{}
	var first *Result
	for _, r := range results {
		if len(r.edits) == 0 {
			continue
		}
		d, ins := map[int]bool{}, map[int][]Line{}
		for _, e := range r.edits {
			for _, n := range e.drop {
				d[n] = true
			}
			for n, lines := range e.insert {
				ins[n] = append(ins[n], lines...)
			}
		}
		if first != nil && !(maps.Equal(d, drop) && sameText(ins, insert)) {
			return "", s.conflict(first, r)
		}
		first, drop, insert = r, d, ins
	}
	for _, r := range results {
		if first != nil && r.Played() && r.OK() {
			return "", s.conflict(first, r)
		}
	}
	var b strings.Builder
	for _, n := range insert[0] {
		b.WriteString(n.String() + "\n")
	}
	for _, l := range s.Lines {
		if !drop[l.Number] {
			b.WriteString(l.String() + "\n")
		}
		for _, n := range insert[l.Number] {
			n.Conds = l.Conds
			b.WriteString(n.String() + "\n")
		}
	}
	return b.String(), nil
}

func (s *Script) conflict(a, b *Result) error {
	return fmt.Errorf("%s: %s with %s and %s with %s answer differently, so the file cannot hold for both: put the lines under conditions such as [%s], or into a file of their own",
		s.Name, a.Profile, a.App, b.Profile, b.App, a.Profile)
}

func sameText(a, b map[int][]Line) bool {
	return maps.EqualFunc(a, b, func(x, y []Line) bool {
		return slices.EqualFunc(x, y, func(x, y Line) bool { return x.String() == y.String() })
	})
}
