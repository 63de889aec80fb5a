package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p25 = &Rule{
	ID: "P25", Name: "online-after-failed-write",
	Level: Error, Topic: Order,
	Title:  "Online after a failed write",
	Sees:   "a write that failed, no successful one of the same tag and type after it, and then a mode that goes online",
	Why:    "The device connects with what was stored before, or with nothing, and the failure shows only as a refused handshake.",
	Source: "chosen",
	Fix:    "Check the result of the write and stop on an error.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> +CME ERROR: 515
AT+CFUN=1 -> OK`,
	Good: `
AT+CMEE=1 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> +CME ERROR: 60
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		type failure struct {
			id, cme int
			command string
		}
		failed := map[Key]failure{} // of this boot
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				switch {
				case c.Op != event.CredentialWrite && c.Op != event.CredentialGenerate:
				case !c.Error:
					delete(failed, cred.key)
				case c.CME == event.CMEAlreadyExists: // it is there, as was wanted
				case len(failed) < maxFindings:
					failed[cred.key] = failure{c.ID, c.CME, a.mem.commandOf(c.ID)}
				}
			},
			mode: func(m *event.Mode) {
				if !m.Active || len(failed) == 0 {
					return
				}
				for k, f := range inOrder(failed) {
					found(sighting{key: &k, id: f.id, command: f.command, what: func() string {
						return fmt.Sprintf("The write failed (%d, %s), and AT+CFUN=%d followed all the same.", f.cme, cmeWords(f.cme), m.Requested)
					}})
				}
				clear(failed)
			},
			newBoot: func() { clear(failed) },
		}
	},
}
