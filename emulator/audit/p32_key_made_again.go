package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p32 = &Rule{
	ID: "P32", Name: "key-made-again",
	Level: Error, Topic: Wear,
	Title:  "A key is made again",
	Sees:   "a key generated in two boots or more for one tag and type, while nothing but the host touched it, and no factory reset has removed it",
	Why:    "Each key costs the flash a write, mostly a delete too, and makes the certificate useless that was issued for the one before. It takes seconds, and happens again at the next boot.",
	Source: "Nordic's AT command guides, %KEYGEN: 519 if there is a key already (documented)",
	Fix:    "Ask AT%CMNG=1,<tag>,2 first and make a key only if there is none; or send AT%KEYGEN and take 519 for \"it is there\". Do not delete it before.",
	Bad: `
AT%KEYGEN=24,2,0 -> OK
* power cycle
AT%CMNG=3,24,2 -> OK
AT%KEYGEN=24,2,0 -> OK`,
	Good: `
AT%CMNG=1,24,2 -> OK
AT%KEYGEN=24,2,0 -> OK
* power cycle
AT%CMNG=1,24,2 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Error || c.Op != event.CredentialGenerate {
				return
			}
			boot, first := a.mem.boot, cred.generated
			// After a factory reset of its own it has to; P33 counts those.
			if first == 0 || first == boot || cred.erased != 0 || a.mem.recovering(cred) || !a.mem.claim() {
				return
			}
			cost, syncs := c.Cost, 1
			if cred.deleted.digest != "" {
				cost.Programmed += cred.deleted.cost.Programmed
				cost.Erases += cred.deleted.cost.Erases
				syncs++
			}
			found(sighting{key: &cred.key, id: c.ID, cost: cost, syncs: syncs, what: func() string {
				return fmt.Sprintf("A new key was generated in boot %d, though boot %d had made one and nothing but the host has touched it since.", boot, first)
			}})
		}}
	},
}
