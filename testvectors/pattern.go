package testvectors

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// A pattern is what the device is expected to send for one step: bytes, and
// from the first placeholder with an open value on, a regular expression.
type pattern struct {
	head  []byte
	tail  *regexp.Regexp // anchored at its start; nil if all is known
	lines int            // line feeds in the tail, as far as its match reaches
	names []string       // of the tail's groups, empty for those that forget
}

type verdict int

const (
	needMore verdict = iota
	matched
	differs
)

// pattern makes the pattern of a template that stands between a fixed start and
// end on the wire.
func (sc *scope) pattern(t template, lead, end string) (*pattern, error) {
	parts := append(append(template{{text: lead}}, t...), part{text: end})
	var (
		p    pattern
		head bytes.Buffer
		tail strings.Builder
	)
	for _, part := range parts {
		text, known, err := sc.literal(part)
		if err != nil {
			return nil, err
		}
		if head.Len()+tail.Len()+len(text) > maxText {
			return nil, fmt.Errorf("the step expects more than %d bytes: make it shorter", maxText)
		}
		switch {
		case known && tail.Len() == 0:
			head.WriteString(text)
		case known:
			tail.WriteString(quoteBytes(text))
			p.lines += strings.Count(text, "\n")
		default:
			name, re := part.name, part.re
			if re == nil {
				re = sc.shapes[name]
			}
			if re == nil {
				return nil, fmt.Errorf("{%s} %w", name, errNoValue)
			}
			if part.inline {
				sc.shapes[name] = re
			}
			if name == "any" {
				name = ""
			}
			p.names = append(p.names, name)
			// Groups of the expression itself are renumbered by naming ours.
			fmt.Fprintf(&tail, "(?P<v%d>%s)", len(p.names)-1, re)
		}
	}
	p.head = head.Bytes()
	if tail.Len() > 0 {
		re, err := regexp.Compile(`\A` + tail.String())
		if err != nil {
			return nil, fmt.Errorf("the line's regular expressions do not fit together: %w", err)
		}
		p.tail = re
	}
	return &p, nil
}

// quoteBytes is regexp.QuoteMeta for text that need not be UTF-8: a regular
// expression of Go reads a byte that is no rune as U+FFFD.
func quoteBytes(text string) string {
	return regexp.QuoteMeta(string([]rune(text)))
}

// match compares what has come so far. On matched it returns how many bytes
// belong to the pattern and the values found.
func (p *pattern) match(buf []byte) (verdict, int, map[string]string) {
	n := min(len(buf), len(p.head))
	if !bytes.Equal(buf[:n], p.head[:n]) {
		return differs, 0, nil
	}
	if n < len(p.head) {
		return needMore, 0, nil
	}
	if p.tail == nil {
		return matched, n, nil
	}
	rest := buf[n:]
	complete := false // as many lines as the tail has are there
	if p.lines > 0 {
		end := 0
		for range p.lines {
			i := bytes.IndexByte(rest[end:], '\n')
			if i < 0 {
				return needMore, 0, nil
			}
			end += i + 1
		}
		rest, complete = rest[:end], true
	}
	groups := p.tail.FindSubmatchIndex(rest)
	if groups == nil {
		if complete || bytes.IndexByte(rest, '\n') >= 0 {
			return differs, 0, nil
		}
		return needMore, 0, nil
	}
	values := map[string]string{}
	for i, name := range p.names {
		g := p.tail.SubexpIndex(fmt.Sprintf("v%d", i))
		value := string(rest[groups[2*g]:groups[2*g+1]])
		if strings.ContainsAny(value, "\r\n") {
			return differs, 0, nil
		}
		if name == "" {
			continue
		}
		if first, twice := values[name]; twice && first != value {
			return differs, 0, nil
		}
		values[name] = value
	}
	return matched, n + groups[1], values
}

// example returns bytes that show the pattern to a person: what is known, with
// the placeholders in braces.
func (sc *scope) example(t template, lead, end string) string {
	var b strings.Builder
	b.WriteString(lead)
	for _, p := range t {
		text, known, err := sc.literal(p)
		switch {
		case err == nil && known:
			b.WriteString(text)
		case p.inline:
			fmt.Fprintf(&b, "{%s:%s}", p.name, p.re)
		default:
			b.WriteString("{" + p.name + "}")
		}
	}
	b.WriteString(end)
	return b.String()
}
