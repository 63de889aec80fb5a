package audit

import "nrf91emu/emulator/event"

var p29 = &Rule{
	ID: "P29", Name: "private-key-over-the-port",
	Level: Info, Topic: Order,
	Title:  "A private key sent over the port",
	Sees:   "a write of type 2",
	Why:    "The key has been outside the device: in a build, a script, a log. The modem can make a key that never leaves it and give a signing request for it.",
	Source: "Nordic's AT command guides, %KEYGEN, modem firmware 1.3 and later (documented)",
	Fix:    "Prefer AT%KEYGEN=<tag>,2,0 and write the certificate that is issued for its request.",
	Bad: `
AT%CMNG=1,24,2 -> OK
AT%CMNG=0,24,2,<key> -> OK`,
	Good: `
AT%CMNG=1,24,2 -> OK
AT%KEYGEN=24,2,0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Op == event.CredentialWrite && cred.key.Type == event.PrivateKey {
				found(sighting{key: &cred.key, id: c.ID, what: func() string {
					return "A private key was sent over the port."
				}})
			}
		}}
	},
}
