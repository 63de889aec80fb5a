package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p13 = &Rule{
	ID: "P13", Name: "typographic-characters",
	Level: Error, Topic: Content,
	Title:  "Typographic characters in a PEM",
	Sees:   "bytes above 0x7E in content that is text by its type, such as typographic dashes",
	Why:    "Word processors, chats and web pages turn the dashes of the BEGIN line into longer ones and blanks into others; the text looks right and is no PEM any more.",
	Source: "PEM is ASCII, RFC 7468 (documented)",
	Fix:    "Copy the text from the file, not from a page that shows it.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca with typographic dashes> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) (string, Level) {
		if c.NonASCII == 0 || c.DER || !looksPEM(k, c) {
			return "", Off
		}
		if c.BOM {
			return "The content begins with a byte order mark; save the file without one.", Off
		}
		return fmt.Sprintf("The content has %s outside ASCII.", plural(c.NonASCII, "byte")), Off
	}),
}
