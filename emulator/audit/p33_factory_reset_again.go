package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p33 = &Rule{
	ID: "P33", Name: "factory-reset-again",
	Level: Error, Topic: Wear,
	Title:  "Factory reset at one boot after another",
	Sees:   "`%XFACTORYRESET` by the host in a boot after one in which it had done so too, while nothing outside changed anything; and what it then writes again",
	Why:    "A factory reset writes the flash, with 0 it erases the credentials, which are written again, and with 1 the settings, which are stored again. It is for a device that changes hands, not for a clean start.",
	Source: "Nordic's AT command guides, %XFACTORYRESET: mind the wear (documented)",
	Fix:    "Leave it out of the start. Bring each setting to what it should be, and compare each credential.",
	Bad: `
AT%XFACTORYRESET=0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%XFACTORYRESET=0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%XFACTORYRESET=0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		last := 0  // the last boot with a reset of the host's own
		again := 0 // the last boot in which it was one too many
		report := func(id int, cost event.Cost) {
			first := last
			found(sighting{id: id, cost: cost, what: func() string {
				return fmt.Sprintf("Boot %d reset the modem to its factory state, as boot %d had done.", a.mem.boot, first)
			}})
		}
		return hooks{
			nvm: func(n *event.NVM) {
				if n.Cause != event.NVMFactoryReset || n.Error || n.ID == 0 {
					return
				}
				boot := a.mem.boot
				if last != 0 && last != boot && a.mem.outside != boot && a.mem.cut != boot-1 {
					report(n.ID, n.Cost)
					again = boot
				}
				last = boot
			},
			credential: func(c *event.Credential, cred *credential) {
				boot := a.mem.boot
				if c.Error || c.After == "" || again != boot || cred.erased != boot {
					return
				}
				_, written := cred.writtenIn(c.After)
				if (written && c.Op == event.CredentialWrite || cred.generated != 0 && c.Op == event.CredentialGenerate) && a.mem.claim() {
					report(c.ID, c.Cost)
				}
			},
		}
	},
}
