package audit

import "nrf91emu/emulator/event"

var p30 = &Rule{
	ID: "P30", Name: "written-after-failed-list",
	Level: Error, Topic: Wear,
	Title:  "Written after a list that failed",
	Sees:   "a list that failed, and then a write of a tag and type that it was about with no better answer in between",
	Why:    "A list never fails because there is nothing: it then answers OK alone. A program that takes the failure for \"absent\" writes at every boot, as long as the failure lasts.",
	Source: "Nordic's modem_key_mgmt: an empty list is OK (seen in source)",
	Fix:    "Check the return code of the call that asks, and stop on an error.",
	Bad: `
AT+CMEE=1 -> OK
AT%CMNG=1,24,0 -> +CME ERROR: 60
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT+CMEE=1 -> OK
AT%CMNG=1,24,0 -> +CME ERROR: 60
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return afterFailed(a, found, func(last ask, _ Key) bool { return last.op == event.CredentialList },
			"The list failed (%d, %s), and a write followed.")
	},
}
