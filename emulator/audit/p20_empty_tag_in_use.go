package audit

import "nrf91emu/emulator/event"

var p20 = &Rule{
	ID: "P20", Name: "empty-tag-in-use",
	Level: Error, Topic: TLS,
	Title:  "A TLS socket with an empty tag",
	Sees:   "a TLS socket that uses a tag which holds nothing",
	Why:    "The credentials were written under another tag, or not at all. Without a root CA the handshake fails even with peer verification off, and the application sees one errno for every cause.",
	Source: "DevZone 126485 and others (reported by users); at least one CA must be stored (documented)",
	Fix:    "Use the same tag number for provisioning and for the socket.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=42 verify=2 host=broker.example`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{use: func(c *event.Credential) {
			if c.Found != 0 || c.SecTag == nil {
				return
			}
			if c.Type != nil && (*c.Type != event.RootCA || a.mem.holdsAny(*c.SecTag)) {
				return // a tag need not hold every type
			}
			found(sighting{tag: c.SecTag, id: c.ID, what: func() string {
				return "A TLS socket used this tag, and it holds nothing."
			}})
		}}
	},
}

// holdsAny reports whether a tag is known to hold anything.
func (m *memory) holdsAny(n uint32) bool {
	for _, cred := range m.siblings(n) {
		if cred.holds() {
			return true
		}
	}
	return false
}

// holds reports whether something is known to be stored.
func (c *credential) holds() bool {
	return c.present || c.content != nil || c.known && c.stored != ""
}
