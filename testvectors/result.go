package testvectors

import (
	"fmt"
	"strconv"
	"strings"
)

// A Result says how a play of a vector went.
type Result struct {
	Script  string // name of the vector
	Profile string
	App     string
	// Differences are where the device did something else, in order.
	Differences []Difference
	// Skipped are the steps that could not be played or checked. If the first
	// has line 0, the whole vector was skipped.
	Skipped []Skip

	edits []edit
}

// A Difference is a place where the device did not do what the vector says.
type Difference struct {
	Script string
	Line   int
	Mark   Mark   // how far the expectation can be trusted
	Reason string // in words
	// Sent is what was sent last, if anything. Secrets are masked in these three, if
	// the target can find them.
	Sent     string
	Expected string // what is missing or unexpected is ""
	Got      string
}

// A Skip is a step that was not played or not checked.
type Skip struct {
	Line   int // 0 for the whole vector
	Reason string
}

// OK reports whether nothing differed. A vector that was skipped is OK.
func (r *Result) OK() bool { return len(r.Differences) == 0 }

// Played reports whether the vector was played at all.
func (r *Result) Played() bool { return len(r.Skipped) == 0 || r.Skipped[0].Line != 0 }

// String returns the result for a person: one line when all is well, otherwise
// each difference as [Difference.String] has it, and what was skipped.
func (r *Result) String() string {
	var b strings.Builder
	word := "ok"
	switch {
	case !r.OK():
		word = "differs"
	case !r.Played():
		word = "skipped"
	}
	fmt.Fprintf(&b, "%s: %s (%s, %s)\n", r.Script, word, r.Profile, r.App)
	for i := range r.Differences {
		b.WriteString(r.Differences[i].String())
	}
	for _, s := range r.Skipped {
		if s.Line == 0 {
			fmt.Fprintf(&b, "%s: skipped: %s\n", r.Script, s.Reason)
		} else {
			fmt.Fprintf(&b, "%s:%d: not checked: %s\n", r.Script, s.Line, s.Reason)
		}
	}
	return b.String()
}

// String returns the difference in a few lines. Bytes are shown as Go strings,
// as >> and << take them.
func (d *Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s", d.Script, d.Line, d.Reason)
	if d.Mark.Kind != "" {
		fmt.Fprintf(&b, " (%s)", d.Mark)
	}
	b.WriteByte('\n')
	if d.Sent != "" {
		fmt.Fprintf(&b, "    sent     %s\n", visible(d.Sent))
	}
	fmt.Fprintf(&b, "    expected %s\n", visible(d.Expected))
	fmt.Fprintf(&b, "    got      %s\n", visible(d.Got))
	if i := firstDifference(d.Expected, d.Got); i > 60 {
		fmt.Fprintf(&b, "    the first difference is at byte %d: expected %s, got %s\n",
			i, strconv.Quote(clip(d.Expected[i:], 24)), strconv.Quote(clip(d.Got[i:], 24)))
	}
	return b.String()
}

// visible shows bytes on one line; a long text loses its middle.
func visible(s string) string {
	if s == "" {
		return "nothing"
	}
	const head, tail = 160, 40
	if len(s) <= head+tail+40 {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%q … %d bytes … %q", s[:head], len(s)-head-tail, s[len(s)-tail:])
}

func clip(s string, n int) string { return s[:min(n, len(s))] }

func firstDifference(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
