package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p01 = &Rule{
	ID: "P01", Name: "changed-while-online",
	Level: Error, Topic: Order,
	Title:  "Credential changed while online",
	Sees:   "a write, a delete or a key generation in functional mode 1, 2 or 21, which the modem refuses with `+CME ERROR: 518`; an information if the same was done offline later in the boot",
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
	watch: func(a *Audit, _ foundFunc) hooks {
		type refused struct {
			at   Place
			op   event.CredentialOp
			ok   bool // it was not refused
			done bool // later, offline
		}
		all := map[Key][]refused{} // of this boot
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				if c.Op != event.CredentialWrite && c.Op != event.CredentialDelete && c.Op != event.CredentialGenerate {
					return
				}
				k := cred.key
				switch {
				case c.CME == event.CMEActiveState || !c.Error && a.mem.online:
					if len(all) < maxFindings && len(all[k]) < maxFindings {
						all[k] = append(all[k], refused{at: a.mem.here(c.ID), op: c.Op, ok: !c.Error})
					}
				case !c.Error || a.mem.unanswered(c):
					for i := range all[k] {
						all[k][i].done = !all[k][i].ok
					}
				}
			},
			endBoot: func(found foundFunc) {
				for k, list := range inOrder(all) {
					for _, r := range list {
						level, what := Off, fmt.Sprintf("The %s was refused with 518, since the modem was online.", opNoun(r.op))
						switch {
						case r.ok:
							what = fmt.Sprintf("The %s came while the modem was online.", opNoun(r.op))
						case r.done:
							level, what = Info, what+" It was done offline then."
						}
						found(sighting{key: &k, at: r.at, level: level, what: func() string { return what }})
					}
				}
			},
			newBoot: func() { clear(all) },
		}
	},
}

// opNoun returns a word for an operation that changes the store.
func opNoun(op event.CredentialOp) string {
	if op == event.CredentialGenerate {
		return "key generation"
	}
	return string(op)
}
