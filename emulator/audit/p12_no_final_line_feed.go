package audit

import "nrf91emu/emulator/event"

var p12 = &Rule{
	ID: "P12", Name: "no-final-line-feed",
	Level: Info, Topic: Content,
	Title:  "No line feed after the END line",
	Sees:   "a whole PEM whose last byte is not a line feed",
	Why:    "Files and Nordic's tools end in a line feed. A program that compares such content byte by byte, or its digest, with that of the file finds a difference each time and writes again; only the newest modem_key_mgmt forgives it.",
	Source: "sdk-nrf pull request 16702 (seen in source)",
	Fix:    "Keep the last line feed, on both sides of the compare.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca without final LF> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		if c.DER || c.BeginLines == 0 || c.EndLines < c.BeginLines || c.FinalLF || c.Padding > 0 || oneLine(c) {
			return contentFault{}
		}
		return contentFault{what: "The PEM has no line feed after its END line."}
	}),
}
