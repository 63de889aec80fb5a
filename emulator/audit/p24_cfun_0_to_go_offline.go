package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

// p24 rests on facts wear/cfun-0 and cfun/prefer-4.
var p24 = &Rule{
	ID: "P24", Name: "cfun-0-to-go-offline",
	Level: Warning, Topic: Wear,
	Title:  "AT+CFUN=0 only to go offline",
	Sees:   "`AT+CFUN=0` and then, in the same session, a change of a credential or a mode that goes online",
	Why:    "Mode 0 is meant for the end: it stores settings and network data in the flash, even if the user changed nothing. Flight mode stores nothing and serves as well for provisioning.",
	Source: "Nordic's AT command guides, +CFUN, and DevZone 104913: mind the wear, use AT+CFUN=4 (documented)",
	Fix:    "Send AT+CFUN=4 to go offline, and AT+CFUN=0 once before the power goes off.",
	Bad: `
AT+CFUN=0 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK`,
	Good: `
AT+CFUN=4 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK
AT+CFUN=0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		var off struct { // a +CFUN=0 that nothing has followed yet
			pending bool
			id      int
			at      Place
			cost    event.Cost
		}
		end := func() { off.pending = false }
		report := func(then string) {
			if !off.pending {
				return
			}
			off.pending = false
			a.mem.explained[off.id] = true
			found(sighting{at: off.at, cost: off.cost, what: func() string {
				return fmt.Sprintf("AT+CFUN=0 stored to flash, and then the session went on: %s.", then)
			}})
		}
		return hooks{
			nvm: func(n *event.NVM) {
				if n.Cause == event.NVMModeOff && off.pending && off.id == n.ID {
					off.cost = n.Cost
				}
			},
			mode: func(m *event.Mode) {
				if m.Requested == 0 {
					off.pending, off.id, off.cost = true, a.mem.command.ID, event.Cost{}
					off.at = a.mem.here(off.id)
				} else if m.Active {
					report(fmt.Sprintf("AT+CFUN=%d followed", m.Requested))
				}
			},
			credential: func(c *event.Credential, cred *credential) {
				if changes(c) {
					report(fmt.Sprintf("a %s of %s followed", opNoun(c.Op), cred.key))
				}
			},
			// A new session may begin where another ended as it should.
			link:    func(*event.Link) { end() },
			power:   func(*event.Power) { end() },
			newBoot: end,
		}
	},
}
