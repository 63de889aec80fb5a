package audit

import (
	"fmt"
	"strings"

	"nrf91emu/emulator/event"
)

var p02 = &Rule{
	ID: "P02", Name: "errors-without-reason",
	Level: Warning, Topic: Order,
	Title:  "Errors without a reason",
	Sees:   "a bare `ERROR` to a credential command that would have been `+CME ERROR: <n>` with `+CMEE` set",
	Why:    "After a boot +CMEE is 0 and every failure looks alike: firmware cannot tell that a credential is absent (513) from a refusal (514, 518) or a full store (515), and takes the one for the other.",
	Source: "Nordic's AT command guides, +CMEE; Nordic's modem_key_mgmt sets it around each command (seen in source)",
	Fix:    "Send AT+CMEE=1 first; AT+CMEE=0 afterwards if something else relies on it.",
	Bad: `
AT%CMNG=2,24,0 -> ERROR
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT+CMEE=1 -> OK
AT%CMNG=2,24,0 -> +CME ERROR: 513
AT%CMNG=0,24,0,<ca> -> OK
AT+CMEE=0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{response: func(r *event.Response) {
			// A code of 0 says nothing that ERROR does not say.
			if !r.Error || r.Result != "ERROR" || r.CME == 0 || a.mem.command.ID != r.ID ||
				!credentialCommand(a.mem.command.Name) {
				return
			}
			name := a.mem.command.Name
			found(sighting{subject: name, id: r.ID, what: func() string {
				return fmt.Sprintf("%s was answered by a bare ERROR, which hid the reason: %d (%s).", name, r.CME, cmeWords(r.CME))
			}})
		}}
	},
}

// credentialCommand reports whether a command is about the credential store.
func credentialCommand(name string) bool {
	switch strings.ToUpper(name) {
	case "%CMNG", "%KEYGEN", "%KEYINJECT", "%XPMNG":
		return true
	}
	return false
}

// cmeWords returns the meaning of an error code of the credential commands.
func cmeWords(code int) string {
	switch code {
	case 23:
		return "memory failure"
	case 50:
		return "incorrect parameters"
	case 60:
		return "system error"
	case event.CMENotFound:
		return "not found"
	case event.CMENoAccess:
		return "no access"
	case 515:
		return "memory full"
	case event.CMEActiveState:
		return "not allowed while online"
	case event.CMEAlreadyExists:
		return "already exists"
	case event.CMEInvalidContent:
		return "invalid content"
	case 528:
		return "not allowed during the power-off warning"
	}
	return "see +CME ERROR"
}
