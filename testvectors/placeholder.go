package testvectors

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// maxText is the most that one step may send or expect, in bytes: room for the
// overlong lines and megabyte floods of the framing vectors, but no more.
const maxText = 4 << 20

// shapes are the placeholders that are known without a regular expression.
// The lengths and cases of digits are those of facts cmng/digest, identity/cgsn and
// sim/xiccid.
var shapes = sync.OnceValue(func() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"any":    regexp.MustCompile(`[^\r\n]*`),
		"imei":   regexp.MustCompile(`[0-9]{15}`),
		"imeisv": regexp.MustCompile(`[0-9]{16}`),
		"imsi":   regexp.MustCompile(`[0-9]{6,15}`),
		"iccid":  regexp.MustCompile(`[0-9]{18,20}F{0,2}`),
		"tac":    regexp.MustCompile(`[0-9A-F]{4}`),
		"ci":     regexp.MustCompile(`[0-9A-F]{8}`),
		"sha":    regexp.MustCompile(`[0-9A-F]{64}`),
		"uuid":   regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`),
	}
})

type partKind int

const (
	partLiteral partKind = iota
	partShape            // matches, and remembers under a name
	partFile
	partSHA256
	partRepeat
	partEOL
)

// A part is a stretch of a step's text.
type part struct {
	kind   partKind
	text   string // literal or repeated text, or name of a file
	count  int    // of partRepeat
	name   string // of partShape; empty or "any" for one that forgets
	re     *regexp.Regexp
	inline bool // the regular expression stands in the text
}

// A template is the text of a step with its placeholders.
type template []part

func parseTemplate(text string) (template, error) {
	var t template
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t = append(t, part{kind: partLiteral, text: literal.String()})
			literal.Reset()
		}
	}
	for len(text) > 0 {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			literal.WriteString(text)
			break
		}
		literal.WriteString(text[:open])
		text = text[open+1:]
		if strings.HasPrefix(text, "{") {
			literal.WriteByte('{')
			text = text[1:]
			continue
		}
		body, rest, ok := cutBrace(text)
		if !ok {
			return nil, errors.New("a placeholder has no closing brace; a brace that is meant as such is written {{")
		}
		p, err := parsePlaceholder(body)
		if err != nil {
			return nil, err
		}
		flush()
		t = append(t, p)
		text = rest
	}
	flush()
	return t, nil
}

// cutBrace cuts text at the brace that closes the one before it; braces of a
// regular expression's repetitions come in pairs.
func cutBrace(text string) (body, rest string, ok bool) {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i], text[i+1:], true
			}
		}
	}
	return "", "", false
}

func parsePlaceholder(body string) (part, error) {
	if name, expr, ok := strings.Cut(body, ":"); ok && isName(name, true) {
		re, err := regexp.Compile(expr)
		if err != nil || strings.Contains(expr, "(?P<") || strings.Contains(expr, "(?<") {
			return part{}, fmt.Errorf("{%s} does not hold a regular expression of Go without named groups", body)
		}
		return part{kind: partShape, name: name, re: re, inline: true}, nil
	}
	word, arg, _ := strings.Cut(body, " ")
	switch word {
	case "file", "sha256":
		kind := partFile
		if word == "sha256" {
			kind = partSHA256
		}
		if !fs.ValidPath(strings.TrimPrefix(arg, "../")) || arg == "." {
			return part{}, fmt.Errorf("{%s} does not name a file beside the vector, as in {%s ca.pem}", body, word)
		}
		return part{kind: kind, text: arg}, nil
	case "repeat":
		count, text, _ := strings.Cut(arg, " ")
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || text == "" || n > maxText/len(text) {
			return part{}, fmt.Errorf("{%s} is not a count and a text, as in {repeat 5000 x}, together at most %d bytes", body, maxText)
		}
		return part{kind: partRepeat, count: n, text: text}, nil
	case "eol":
		if arg == "" {
			return part{kind: partEOL}, nil
		}
	}
	if !isName(body, false) {
		return part{}, fmt.Errorf("{%s} is not a placeholder; a brace that is meant as such is written {{", body)
	}
	return part{kind: partShape, name: body, re: shapes()[body]}, nil
}

func isName(s string, emptyToo bool) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return emptyToo || s != ""
}

// scope is what placeholders stand for while a script is played.
type scope struct {
	script *Script
	eol    string
	values map[string]string
	shapes map[string]*regexp.Regexp // that the script has given to names
}

// errNoValue says that a name stands for nothing: the expected line that was to
// give it a value was not played, or differed.
var errNoValue = errors.New("has no value: the line that sets it was not played")

func newScope(s *Script, l Layout) scope {
	return scope{s, l.Terminator, map[string]string{}, map[string]*regexp.Regexp{}}
}

// literal returns the text of a part that is known now.
func (sc *scope) literal(p part) (text string, known bool, err error) {
	switch p.kind {
	case partLiteral:
		return p.text, true, nil
	case partRepeat:
		return strings.Repeat(p.text, p.count), true, nil
	case partEOL:
		return sc.eol, true, nil
	case partFile, partSHA256:
		data, err := sc.script.readFile(p.text)
		if err == nil && p.kind == partSHA256 {
			data = fmt.Appendf(nil, "%X", sha256.Sum256(data))
		}
		return string(data), true, err
	default:
		text, known = sc.values[p.name]
		return text, known, nil
	}
}

// expand returns the bytes to send.
func (sc *scope) expand(t template) ([]byte, error) {
	var b bytes.Buffer
	for _, p := range t {
		text, known, err := sc.literal(p)
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, fmt.Errorf("{%s} %w", p.name, errNoValue)
		}
		if b.Len()+len(text) > maxText {
			return nil, fmt.Errorf("the step sends more than %d bytes: make it shorter", maxText)
		}
		b.WriteString(text)
	}
	return b.Bytes(), nil
}
