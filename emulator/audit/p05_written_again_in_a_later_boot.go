package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p05 = &Rule{
	ID: "P05", Name: "written-again-in-a-later-boot",
	Level: Error, Topic: Wear,
	Title:  "The same content written again",
	Sees:   "a successful write of content that the host has written in an earlier boot, or before it wrote something else, while nothing but the host touched the credential and something else was stored meanwhile",
	Why:    "One of the writes was for nothing: two contents alternate under one tag, or what was removed had to come back. It happens again at the next boot.",
	Source: "firmware in public repositories that rewrites at every start (seen in source)",
	Fix:    "Compare before writing, delete only what is to go for good, and give each content a tag of its own.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca2> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
* stored from outside: 24,0,<ca2>
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Error || c.After == "" || c.Op != event.CredentialWrite {
				return
			}
			boot := a.mem.boot
			first, ok := cred.writtenIn(c.After)
			replaced := len(cred.history) > 0 && cred.history[len(cred.history)-1].digest != c.After
			if !ok || (first == boot && !replaced) {
				return
			}
			if a.mem.recovering(cred) {
				return // P04 notes it
			}
			if cred.erased != 0 {
				return // after a factory reset of its own it has to; P33 counts those
			}
			if !a.mem.claim() {
				return
			}
			found(sighting{key: &cred.key, id: c.ID, cost: c.Cost, what: func() string {
				if replaced {
					return fmt.Sprintf("Two contents alternate: what boot %d wrote (SHA-256 %s) was overwritten by the host itself and written again in boot %d.",
						first, shortDigest(c.After), boot)
				}
				return fmt.Sprintf("Boot %d wrote the same content as boot %d (SHA-256 %s), and nothing but the host has touched it since.",
					boot, first, shortDigest(c.After))
			}})
		}}
	},
}
