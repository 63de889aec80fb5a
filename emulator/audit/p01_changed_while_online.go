package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p01 = &Rule{
	ID: "P01", Name: "changed-while-online",
	Level: Error, Topic: Order,
	Title:  "Credential changed while online",
	Sees:   "a write, a delete or a key generation in functional mode 1, 2 or 21, which the modem refuses with `+CME ERROR: 518`",
	Why:    "The modem changes credentials only while LTE is off. The write fails, and firmware that does not look at the result goes on with what was stored before.",
	Source: "Nordic's AT command guides, %CMNG (documented)",
	Fix:    "Send AT+CFUN=4 before, or provision before the first AT+CFUN=1.",
	Bad: `
AT+CMEE=1 -> OK
AT+CFUN=1 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> +CME ERROR: 518`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Op != event.CredentialWrite && c.Op != event.CredentialDelete && c.Op != event.CredentialGenerate {
				return
			}
			if c.CME != event.CMEActiveState && (c.Error || !a.mem.online) {
				return
			}
			found(sighting{key: &cred.key, id: c.ID, cost: c.Cost, what: func() string {
				if !c.Error {
					return fmt.Sprintf("The %s came while the modem was online.", opNoun(c.Op))
				}
				return fmt.Sprintf("The %s was refused with 518, since the modem was online.", opNoun(c.Op))
			}})
		}}
	},
}

// opNoun returns a word for an operation that changes the store.
func opNoun(op event.CredentialOp) string {
	if op == event.CredentialGenerate {
		return "key generation"
	}
	return string(op)
}
