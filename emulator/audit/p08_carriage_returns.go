package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p08 = &Rule{
	ID: "P08", Name: "carriage-returns",
	Level: Error, Topic: Content,
	Title:  "Carriage returns in a PEM",
	Sees:   "a CR in the PEM that a write brings",
	Why:    "The modem keeps the bytes exactly as sent, so the digest is another than that of the file with LF and no compare ever matches; newer modem firmware has refused such text with 527.",
	Source: "forum report with mfw 2.0.0 and 2.0.2 (reported by users); content is stored as sent (documented)",
	Fix:    "Convert the file to LF line ends (dos2unix), keep tools from converting it, and set the terminal to send LF inside quotes.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca with CRLF> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		if c.CR == 0 || c.BeginLines == 0 || c.DER {
			return contentFault{}
		}
		return contentFault{what: fmt.Sprintf("The PEM has %s and %s.", plural(c.CR, "carriage return"), plural(c.LF, "line feed"))}
	}),
}
