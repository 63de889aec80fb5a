package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p34 = &Rule{
	ID: "P34", Name: "settings-stored-several-times",
	Level: Warning, Topic: Wear,
	Title:  "AT+CFUN=0 several times in one boot",
	Sees:   "a second `AT+CFUN=0` or further ones between a start of the modem and its end, but for those that P24 finds",
	Why:    "Each one stores settings and network data in the flash, also if nothing has changed. Once, at the end, is what it is for.",
	Source: "Nordic's AT command guides, +CFUN, and DevZone 104913: mind the wear (documented)",
	Fix:    "Send AT+CFUN=0 once, before the power goes off, and AT+CFUN=4 in all other places.",
	Bad: `
AT+CFUN=1 -> OK
AT+CFUN=0 -> OK
AT+CFUN=0 -> OK`,
	Good: `
AT+CFUN=1 -> OK
AT+CFUN=4 -> OK
AT+CFUN=0 -> OK
* power cycle
AT+CFUN=1 -> OK
AT+CFUN=0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		type store struct {
			at   Place
			cost event.Cost
		}
		var stores []store // of this start
		end := func(found foundFunc) {
			n := 0
			for _, s := range stores {
				if a.mem.explained[s.at.Exchange] {
					continue
				}
				if n++; n > 1 {
					found(sighting{at: s.at, cost: s.cost, what: func() string {
						return fmt.Sprintf("AT+CFUN=0 stored to flash %s in boot %d.", times(len(stores)), s.at.Boot)
					}})
				}
			}
		}
		return hooks{
			nvm: func(n *event.NVM) {
				if n.Cause == event.NVMModeOff && n.ID != 0 && len(stores) < maxFindings {
					stores = append(stores, store{a.mem.here(n.ID), n.Cost})
				}
			},
			power: func(p *event.Power) {
				if p.Action == event.PowerReset { // it does not come from nowhere
					end(found)
					stores = nil
				}
			},
			endBoot: end,
			newBoot: func() { stores = nil },
		}
	},
}
