package testvectors

import (
	"bytes"
	"strconv"
	"strings"
)

const maxReadable = 8192 // bytes of a line and the one that follows

// An unlayout turns bytes that a device has sent back into expectations, one at
// a time. They read as well as can be and always stand for exactly these bytes.
type unlayout struct {
	response response
	commands int // whose final result has not come
}

// next returns the expectation for the beginning of b, which is not empty, and
// how many bytes it covers.
func (u *unlayout) next(b []byte) (Line, int) {
	// A line that is longer is not one that a person reads, and a flood of
	// short ones must not be searched to its end for each.
	b = b[:min(len(b), maxReadable)]
	lead := u.response.layout.Lead
	text, led := strings.CutPrefix(string(b), lead)
	end := strings.Index(text, lineEnd)
	line := Line{Verb: Expect}
	if end > 0 {
		line.Arg = escapeBraces(text[:end])
	}
	if end <= 0 || checkText(&line) != nil {
		return rawLine(b)
	}
	text, after := text[:end], text[end+len(lineEnd):]
	n := len(b) - len(after)
	final := isFinal(text)
	if final || u.commands > 0 && !u.alone(text, after, led) {
		r := u.response
		if want := r.lead(text); want == lead && led || want == "" && (!led || lead == "") {
			u.response = r
			if final && u.commands > 0 {
				u.commands--
			}
			return line, n
		}
	}
	if !led {
		return rawLine(b)
	}
	line.Verb = URC
	return line, n
}

// alone reports whether a line is a notification in front of a response: it
// has a lead, and so has the information line that follows.
func (u *unlayout) alone(text, after string, led bool) bool {
	lead := u.response.layout.Lead
	if !led || lead == "" || strings.HasPrefix(text, "#") {
		return false
	}
	next, nextLed := strings.CutPrefix(after, lead)
	next, _, _ = strings.Cut(next, lineEnd)
	return nextLed && !isFinal(next) && !strings.HasPrefix(next, "#")
}

// rawLine is the expectation of bytes that do not lie as the layout says, up to
// the end of their line.
func rawLine(b []byte) (Line, int) {
	n := len(b)
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		n = i + 1
	}
	return Line{Verb: ExpectRaw, Arg: strconv.Quote(escapeBraces(string(b[:n])))}, n
}

func escapeBraces(s string) string { return strings.ReplaceAll(s, "{", "{{") }
