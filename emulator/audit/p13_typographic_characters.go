package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p13 = &Rule{
	ID: "P13", Name: "typographic-characters",
	Level: Error, Topic: Content,
	Title:  "Typographic characters in a PEM",
	Sees:   "bytes above 0x7E in content that is text by its type, such as typographic dashes; a byte order mark; bytes 0xFF or NUL behind any content",
	Why:    "Word processors, chats and web pages turn the dashes of the BEGIN line into longer ones and blanks into others; the text looks right and is no PEM any more.",
	Source: "PEM is ASCII, RFC 7468 (documented)",
	Fix:    "Copy the text from the file, not from a page that shows it.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca with typographic dashes> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		switch {
		case c.DER:
			return contentFault{}
		case c.Padding > 0:
			return contentFault{
				what: fmt.Sprintf("Behind the content there is padding: %s 0xFF or NUL.", plural(c.Padding, "byte")),
				fix:  "Send as many bytes as the text has: strlen for a string, the length that is stored beside it for what is read from flash; sizeof counts the NUL at the end, and erased flash reads 0xFF.",
			}
		case c.NonASCII == 0 || !looksPEM(k, c):
			return contentFault{}
		case c.BOM:
			return contentFault{
				what: "The content begins with a byte order mark; save the file without one.",
				fix:  "Save the file as UTF-8 without a byte order mark: an editor on Windows has put these bytes in front of the BEGIN line.",
			}
		}
		return contentFault{what: fmt.Sprintf("The content has %s outside ASCII.", plural(c.NonASCII, "byte"))}
	}),
}
