package audit

import "nrf91emu/emulator/event"

var p10 = &Rule{
	ID: "P10", Name: "not-wrapped",
	Level: Error, Topic: Content,
	Title:  "A PEM that is not wrapped",
	Sees:   "a PEM without line feeds, with spaces for them, or with white space before its first line; an information if that is line feeds alone",
	Why:    "PEM is a format of lines. A parser that does not find the BEGIN mark at the start of a line, or its end, rejects the text.",
	Source: "DevZone 127054: every line of a PEM ends in LF (said by Nordic's support)",
	Fix:    "Send the file as it is: BEGIN line, lines of 64 characters, END line, each with a line feed, and no blank before.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca on one line> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		switch {
		case c.BeginLines == 0 || c.DER:
			return contentFault{}
		case oneLine(c):
			return contentFault{what: "The PEM is one line: it has no line feeds."}
		case c.LeadLF:
			return contentFault{
				what: "The PEM begins with a line feed, as older versions of nrfcredstore write it.", level: Info,
				fix: "Leave it out: the digest is that of the file only without it.",
			}
		case c.LeadBlank:
			return contentFault{what: "The PEM begins with white space."}
		}
		return contentFault{}
	}),
}
