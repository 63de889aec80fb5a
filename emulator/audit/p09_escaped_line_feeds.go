package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p09 = &Rule{
	ID: "P09", Name: "escaped-line-feeds",
	Level: Error, Topic: Content,
	Title:  "Backslash and n instead of line feeds",
	Sees:   "the two characters `\\n` inside a PEM",
	Why:    "AT strings know no escapes: the modem stores a backslash and an n. Newer firmware refuses such a certificate with 527 but takes such a key, which then never works.",
	Source: "DevZone 127428, nRF9151 with mfw 2.0.4 (reported by users)",
	Fix:    "Send real line feeds inside the quotes.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca with \n> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		// An identity may have a backslash: "domain\name".
		if c.EscapedLF == 0 || !looksPEM(k, c) || c.DER {
			return contentFault{}
		}
		return contentFault{what: fmt.Sprintf(`The content has the two characters \n %s.`, times(c.EscapedLF))}
	}),
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return Grouped(float64(n)) + " times"
}
