package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p04 = &Rule{
	ID: "P04", Name: "written-unchanged",
	Level: Error, Topic: Wear,
	Title:  "Written what was stored already",
	Sees:   "a successful write of exactly the bytes that the tag and type held; an information only in the boot after a planned power cut in the middle of provisioning",
	Why:    "The modem does not compare: it programs the flash again, which stands a limited number of erases.",
	Source: "Nordic's AT command guides: %CMNG writes the NVM at once (documented); what the store does with equal content is not published",
	Fix:    "Compare the SHA-256 of your content with the digest that AT%CMNG=1,<tag>,<type> lists, and skip the write if they are equal. The digest is over exactly the bytes sent, a final line feed included.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Op != event.CredentialWrite || c.Error || c.Before == "" || c.Before != c.After || !a.mem.claim() {
				return
			}
			level := Off
			if a.mem.recovering(cred) {
				level = Info
			}
			found(sighting{key: &cred.key, id: c.ID, level: level, cost: c.Cost, what: func() string {
				if level == Info {
					return "The content was stored already: the power went off while it was provisioned in the boot before."
				}
				what := fmt.Sprintf("The content written, SHA-256 %s, was stored already.", shortDigest(c.After))
				if _, asked := a.mem.lastAsk(cred); !asked {
					what += " Nothing had been asked about it in this boot."
				}
				return what
			}})
		}}
	},
}

// shortDigest returns the beginning of a digest, enough to tell contents apart.
func shortDigest(d string) string {
	if len(d) > 12 {
		return d[:12] + "..."
	}
	return d
}
