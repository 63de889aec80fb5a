package app

import (
	"bytes"
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// watchTerminator watches for a command that the host takes for ended and the
// application does not: one with another terminator behind it, or one that came in a
// piece, as a program sends it, with none. A person who types may pause. piece is how
// many bytes have come at a time.
func (c *Context) watchTerminator(piece int) {
	h := c.host
	c.unended.Stop()
	if !h.cfg.Log.Enabled() || c.framer.InQuotes() || c.endless || c.overlong {
		return
	}
	held := c.framer.Held()
	line := bytes.Trim(held, "\r\n\x00") // a LF of CR LF alone is no command
	if len(line) == 0 {
		return
	}
	ended := bytes.ContainsAny(held[bytes.Index(held, line):], "\r\n\x00")
	if !ended && piece < 2 {
		return
	}
	if c.unended == nil {
		c.unended = h.NewTimer(c.staysUnended)
	}
	c.unended.Reset(OpenQuoteAfter)
}

// staysUnended notes a command that has not been ended.
func (c *Context) staysUnended() {
	held := bytes.TrimLeft(c.framer.Held(), "\r\n")
	d := c.host.cfg.Dialect
	sent := ""
	for _, t := range []atcmd.Terminator{atcmd.TerminatorCRLF, atcmd.TerminatorCR, atcmd.TerminatorLF, atcmd.TerminatorNUL} {
		if bytes.Contains(held, []byte(t.Bytes())) {
			sent = t.String()
			break
		}
	}
	reason := fmt.Sprintf("%s ends a command with %s, and nothing of that kind has come: nothing is executed and nothing answered before it", d.Name, d.Framing.Terminator)
	if sent != "" {
		reason = fmt.Sprintf("%s ends a command with %s, and the host has sent %s: nothing is executed and nothing answered before it sends %[2]s", d.Name, d.Framing.Terminator, sent)
	}
	c.endless = true
	c.problem(event.ProblemNoTerminator, reason)
}
