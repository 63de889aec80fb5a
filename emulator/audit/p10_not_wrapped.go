package audit

import "nrf91emu/emulator/event"

var p10 = &Rule{
	ID: "P10", Name: "not-wrapped",
	Level: Error, Topic: Content,
	Title:  "A PEM that is not wrapped",
	Sees:   "a PEM without line feeds, with spaces for them, or with white space before its first line",
	Why:    "PEM is a format of lines. A parser that does not find the BEGIN mark at the start of a line, or its end, rejects the text.",
	Source: "DevZone 127054: every line of a PEM ends in LF (said by Nordic's support)",
	Fix:    "Send the file as it is: BEGIN line, lines of 64 characters, END line, each with a line feed, and nothing before.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca on one line> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) (string, Level) {
		switch {
		case c.BeginLines == 0 || c.DER:
			return "", Off
		case oneLine(c):
			return "The PEM is one line: it has no line feeds.", Off
		case c.LeadBlank:
			return "The PEM begins with white space.", Off
		}
		return "", Off
	}),
}
