package audit

import (
	"cmp"
	"fmt"

	"nrf91emu/emulator/event"
)

var p25 = &Rule{
	ID: "P25", Name: "online-after-failed-write",
	Level: Error, Topic: Order,
	Title:  "Online after a failed write",
	Sees:   "a write that failed, also with 519 while something else is stored, then a mode that goes online, and no successful write of the same before a TLS socket uses the tag or the boot ends",
	Why:    "The device connects with what was stored before, or with nothing, and the failure shows only as a refused handshake.",
	Source: "chosen",
	Fix:    checkResult + " After 528, the power-off warning: AT+CFUN=1, wait for the supply, AT+CFUN=4, and write again.",
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
			at     Place
			cme    int
			reason string
			online int // the mode that came then, 0 if none has
		}
		failed := map[Key]*failure{} // of this boot
		report := func(found foundFunc, k Key, f *failure) {
			found(sighting{key: &k, at: f.at, fix: refusedFix(f.cme), what: func() string {
				why := f.reason
				if f.cme != 0 {
					why = fmt.Sprintf("%d, %s", f.cme, cmeWords(f.cme))
				}
				return fmt.Sprintf("The write failed (%s), and AT+CFUN=%d followed all the same.", why, f.online)
			}})
		}
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				switch {
				case c.Op != event.CredentialWrite && c.Op != event.CredentialGenerate:
				case !c.Error:
					delete(failed, cred.key) // which heals it, also after having been online
				case c.CME == event.CMEActiveState: // P01 has that
				case c.CME == event.CMEAlreadyExists && (c.Content == nil || c.Content.SHA256 == c.Before): // it is there, as was wanted
				case len(failed) < maxFindings:
					failed[cred.key] = &failure{at: a.mem.here(c.ID), cme: c.CME, reason: cmp.Or(c.Reason, "without a reason")}
				}
			},
			mode: func(m *event.Mode) {
				for _, f := range failed {
					if m.Active && f.online == 0 {
						f.online = m.Requested
					}
				}
			},
			// It can be healed until a connection relies on it.
			use: func(c *event.Credential) {
				if c.SecTag == nil {
					return
				}
				for k, f := range inOrder(failed) {
					if k.SecTag == *c.SecTag && f.online != 0 {
						report(found, k, f)
						delete(failed, k)
					}
				}
			},
			endBoot: func(found foundFunc) {
				for k, f := range inOrder(failed) {
					if f.online != 0 {
						report(found, k, f)
					}
				}
			},
			newBoot: func() { clear(failed) },
		}
	},
}

const checkResult = "Check the result of the write and stop on an error."

// refusedFix says what to do about a write that was refused with a code; empty for what the rule
// says of all.
func refusedFix(cme int) string {
	var more string
	switch cme {
	case event.CMENoAccess:
		more = "514 is for a type that cannot be written, such as 5, or a tag of the modem's own: types are 0 root CA, 1 client certificate, 2 private key, 3 PSK, 4 PSK identity."
	case event.CMEMemoryFull:
		more = "After 515 delete what is not needed any more: AT%CMNG=1 lists what is there."
	case event.CMEAlreadyExists:
		more = "After 519 compare what is there, and delete it first if it has to be replaced."
	case event.CMEInvalidContent:
		more = "After 527 look at the content: it is not what its type has to be, or it is damaged."
	case event.CMEIncorrectParameter, event.CMEPhoneFailure:
		more = "The command is malformed: AT%CMNG=0,<tag>,<type>,\"<content>\", with no quote inside the content."
	default:
		return ""
	}
	return checkResult + " " + more
}
