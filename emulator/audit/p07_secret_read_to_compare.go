package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p07 = &Rule{
	ID: "P07", Name: "secret-read-to-compare",
	Level: Error, Topic: Wear,
	Title:  "Read a secret in order to compare it",
	Sees:   "a read of a stored private key or PSK, refused with 514: an error if the program then writes or deletes it, a warning if it leaves it alone",
	Why:    "Private keys and PSKs never come out of the modem. A compare by reading always fails: one program then rewrites the key at every boot, another never notices that it has changed.",
	Source: "Nordic's AT command guides and modem_key_mgmt: 514 for types 2 and 3 (documented, seen in source)",
	Fix:    "Compare the SHA-256 of the key with the digest that AT%CMNG=1,<tag>,<type> lists; that works for every type.",
	Bad: `
AT+CMEE=1 -> OK
AT%CMNG=1,24,2 -> OK
AT%CMNG=0,24,2,<key> -> OK
* power cycle
AT+CMEE=1 -> OK
AT%CMNG=2,24,2 -> +CME ERROR: 514
AT%CMNG=0,24,2,<key> -> OK`,
	Good: `
AT%CMNG=1,24,2 -> OK
AT%CMNG=0,24,2,<key> -> OK
* power cycle
AT%CMNG=1,24,2 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		reads := map[Key]refusedRead{} // of this boot that nothing came of yet
		report := func(found foundFunc, k Key, r refusedRead, level Level, what string) {
			found(sighting{key: &k, at: r.at, level: level, cost: r.cost,
				what: func() string { return what }})
		}
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				k := cred.key
				if k.Type != event.PrivateKey && k.Type != event.PSK {
					return
				}
				switch c.Op {
				case event.CredentialRead:
					if c.CME == event.CMENoAccess && len(reads) < maxFindings {
						reads[k] = refusedRead{at: a.mem.here(c.ID)}
					}
				case event.CredentialWrite, event.CredentialDelete:
					r, ok := reads[k]
					if last, asked := a.mem.lastAsk(cred); !ok || !asked || last.id != r.at.Exchange {
						return // the digest was listed after all
					}
					if !c.Error {
						a.mem.claim()
					}
					delete(reads, k)
					r.cost = c.Cost
					report(found, k, r, Off, fmt.Sprintf("The read was refused with 514, as always, and a %s followed.", c.Op))
				}
			},
			endBoot: func(found foundFunc) {
				for k, r := range inOrder(reads) {
					report(found, k, r, Warning, "The read was refused with 514, as always: it cannot serve to compare.")
				}
			},
			newBoot: func() { clear(reads) },
		}
	},
}

type refusedRead struct {
	at   Place
	cost event.Cost
}
