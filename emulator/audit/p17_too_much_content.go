package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

// maxContent is what can be read back for certain: Nordic's library and the AT
// host of its samples have buffers of 4096 bytes, and the answer to a read has
// some 100 bytes around the content (chosen from these).
const maxContent = 3900

var p17 = &Rule{
	ID: "P17", Name: "too-much-content",
	Level: Error, Topic: Content,
	Title:  "Too much in one credential",
	Sees:   "content of more than 3,900 bytes; an information for several certificates in type 0 that are shorter, as nRF Cloud's own of 1,792 bytes",
	Why:    "The modem may store it with OK, but every later read overflows the 4,096 bytes of Nordic's library or crashes the modem, and a chain above 4 kB fails in the handshake. Newer firmware answers 527.",
	Source: "DevZone 114031 and 114181, sdk-nrf issue 18468: three certificates of 5,278 bytes in all (reported by users; the limit documented)",
	Fix:    "Store the root certificate alone; use a tag of its own for each root.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<big> -> OK`,
	Good: `
AT%CMNG=1 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=0,25,0,<two cas> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		switch {
		case c.Bytes > maxContent:
			return contentFault{what: fmt.Sprintf("The content has %s.", plural(c.Bytes, "byte"))}
		case k.Type == event.RootCA && c.BeginLines > 1 && len(c.Certificates) != 1:
			return contentFault{
				what:  fmt.Sprintf("The content has %s in %s.", plural(c.BeginLines, "PEM block"), plural(c.Bytes, "byte")),
				level: Info,
				fix:   "That works as long as all of them stay well below 4,096 bytes. A tag of its own for each root can be renewed alone.",
			}
		}
		return contentFault{}
	}),
}
