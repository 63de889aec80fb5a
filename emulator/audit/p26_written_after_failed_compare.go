package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p26 = &Rule{
	ID: "P26", Name: "written-after-failed-compare",
	Level: Warning, Topic: Wear,
	Title:  "Written after a compare that failed",
	Sees:   "a read that failed for another reason than that there is nothing (513), and then a write of the same tag and type with no better answer in between; an error if it wrote what was stored",
	Why:    "A read that fails says nothing about the content. A program that takes the failure for a difference writes at every boot, as long as the failure lasts.",
	Source: "modem_key_mgmt_cmp returns 0 for equal, 1 for different and a negative number for an error (seen in source)",
	Fix:    "Tell a difference from an error, and stop on the error; or compare the digest of the list.",
	Bad: `
AT+CMEE=1 -> OK
AT%CMNG=2,24,0 -> +CME ERROR: 60
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT+CMEE=1 -> OK
AT%CMNG=2,24,0 -> +CME ERROR: 513
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return afterFailed(a, found, func(last ask, k Key) bool {
			// P07 is about secrets, which can never be read.
			return last.op == event.CredentialRead && (last.cme != event.CMENoAccess || k.Type != event.PrivateKey && k.Type != event.PSK)
		}, "The compare failed (%d, %s), and a write followed.")
	},
}

// afterFailed returns hooks that report a write whose last ask failed and is one
// that matters.
func afterFailed(a *Audit, found foundFunc, matters func(ask, Key) bool, format string) hooks {
	return hooks{credential: func(c *event.Credential, cred *credential) {
		if c.Op != event.CredentialWrite || c.Error {
			return
		}
		last, ok := a.mem.lastAsk(cred)
		if !ok || !last.failed || !matters(last, cred.key) || !a.mem.claim() {
			return
		}
		same, level := c.Before != "" && c.Before == c.After, Off
		if same {
			level = Error // it is so at every boot
		}
		found(sighting{key: &cred.key, id: c.ID, level: level, cost: c.Cost, what: func() string {
			what := fmt.Sprintf(format, last.cme, cmeWords(last.cme))
			if same {
				what += " The content was stored already."
			}
			return what
		}})
	}}
}
