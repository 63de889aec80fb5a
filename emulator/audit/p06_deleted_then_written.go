package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p06 = &Rule{
	ID: "P06", Name: "deleted-then-written",
	Level: Warning, Topic: Wear,
	Title:  "Deleted, then written",
	Sees:   "a delete that removed something, then a write of the same content to the same tag and type, or of any content if nothing had been asked about the tag; an error if an earlier boot had written the same",
	Why:    "Delete and write cost the flash twice, and a power cut between them leaves the device without the credential. The modem overwrites types 0 to 4 by itself.",
	Source: "firmware in public repositories that deletes \"for simplicity\" (seen in source); that the modem overwrites follows from Nordic's samples (inferred)",
	Fix:    "Compare digests and skip both if they are equal; otherwise write without deleting first.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=3,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK
AT%CMNG=3,24,0 -> OK
AT%CMNG=0,24,0,<ca2> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			del := cred.deleted
			if c.Op != event.CredentialWrite || c.Error || del.digest == "" {
				return
			}
			same := del.digest == c.After
			if !same && del.asked || !a.mem.claim() {
				return
			}
			level := Off
			if first, ok := cred.writtenIn(c.After); same && ok && first != a.mem.boot {
				level = Error // and it will be so at the next boot
			}
			fix := ""
			if same && del.boot != a.mem.boot {
				fix = "Leave it in the store: what one boot deletes, the next one has to write again. Compare digests at the start, and write only on a difference."
			}
			cost := c.Cost
			cost.Programmed += del.cost.Programmed
			cost.Erases += del.cost.Erases
			found(sighting{key: &cred.key, id: c.ID, level: level, fix: fix, cost: cost, syncs: 2, what: func() string {
				if same {
					return fmt.Sprintf("It was deleted and then written with the same content (SHA-256 %s).", shortDigest(c.After))
				}
				return "It was deleted and then written, and nothing had been asked about the tag before."
			}})
		}}
	},
}
