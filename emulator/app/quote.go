package app

import (
	"bytes"
	"fmt"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/lazyregexp"
)

// watchQuote watches for a quoted string that stays open: the host has paused, or it
// has sent its command again, which became part of the string.
func (c *Context) watchQuote() {
	h := c.host
	c.quoteOpen.Stop()
	if !c.framer.InQuotes() || c.open || !h.cfg.Log.Enabled() {
		return
	}
	if c.swallowed(c.framer.Held()) {
		return
	}
	if c.quoteOpen == nil {
		c.quoteOpen = h.NewTimer(func() { c.quoteStaysOpen("the port is silent until the quote is closed") })
	}
	c.quoteOpen.Reset(OpenQuoteAfter)
}

// quoteStaysOpen notes an open quote, unless the record knows of it, or of a line that
// is too long, which is why.
func (c *Context) quoteStaysOpen(then string) {
	if !c.framer.InQuotes() || c.open || c.overlong {
		return
	}
	c.open = true
	held := c.framer.Held()
	c.problem(event.ProblemOpenQuote, fmt.Sprintf("a quoted string is open, since %s: %s", whyOpen(held), then))
}

// lineEnded looks at a whole line: a second try of the host may have closed the quote
// that the first one had left open.
func (c *Context) lineEnded(line []byte) {
	if c.host.cfg.Log.Enabled() && !c.open {
		c.swallowed(line)
	}
	c.open, c.endless = false, false
}

// swallowed notes a line that has another command inside a quoted string.
func (c *Context) swallowed(line []byte) bool {
	first, next := commandInQuotes(line)
	if next == nil || c.overlong {
		return false
	}
	c.open = true
	c.host.recordProblem(event.Input{
		Problem: event.ProblemOpenQuote, Bytes: len(line), ID: c.host.number + 1, Text: c.shown(first),
		Reason: fmt.Sprintf("a quoted string was open, since %s: what the host sent next, %s, became part of it", whyOpen(first), c.shown(next)),
	})
	return true
}

// problem notes something odd about the line in hand.
func (c *Context) problem(name event.InputProblem, reason string) {
	c.host.recordProblem(event.Input{
		Problem: name, Bytes: c.framer.Pending(), ID: c.host.number + 1, Text: c.shown(c.framer.Held()), Reason: reason,
	})
}

// maxShown is how much of a line in hand the record shows, in bytes.
const maxShown = 60

// shown returns the beginning of a line, as far as its first quote, without what is
// secret.
func (c *Context) shown(line []byte) string {
	text := c.host.cfg.Log.Command(bytes.TrimLeft(line, "\r\n")).Text
	short, _, cut := bytes.Cut([]byte(text), []byte{'"'})
	if i := bytes.IndexAny(short, "\r\n"); i >= 0 {
		short, cut = short[:i], true
	}
	if len(short) > maxShown {
		short, cut = bytes.ToValidUTF8(short[:maxShown], nil), true
	}
	if cut {
		return string(short) + "..."
	}
	return string(short)
}

// whyOpen says why the quote in a line is open.
func whyOpen(line []byte) string {
	if n := bytes.Count(line, []byte{'"'}); n > 1 {
		return fmt.Sprintf("there are %d quotation marks: one inside a text ends it, and the next begins another", n)
	}
	return "the closing quotation mark is missing"
}

// aCommand is a line that a host would send, and that base64 does not have.
var aCommand = lazyregexp.New(`^(?i:AT)([%#][A-Za-z]+.*|\+[A-Za-z]+(\?|=\?|=[^=].*)|)$`)

// commandInQuotes finds a command that stands inside a quoted string of a line, as a
// line of its own. first is what comes before it. What is not ended by a terminator
// yet counts only if it cannot be anything else.
func commandInQuotes(line []byte) (first, next []byte) {
	for from := bytes.IndexByte(line, '"') + 1; from > 0; {
		i := bytes.IndexAny(line[from:], "\r\n")
		if i < 0 {
			return nil, nil
		}
		from += i + 1
		text := line[from:]
		end := bytes.IndexAny(text, "\r\n")
		whole := end >= 0
		if whole {
			text = text[:end]
		}
		if whole && len(text) == 2 || len(text) > 3 && (whole || text[2] == '%' || text[2] == '#') {
			if aCommand().Match(text) && bytes.Count(line[:from], []byte{'"'})%2 == 1 {
				return line[:from-1], text
			}
		}
	}
	return nil, nil
}
