package audit

import (
	"fmt"
	"slices"

	"nrf91emu/emulator/event"
)

var p22 = &Rule{
	ID: "P22", Name: "unusable-psk",
	Level: Error, Topic: Content,
	Title:  "A PSK that cannot be used",
	Sees:   "a PSK that is not an even number of hexadecimal digits, or a tag that holds a PSK and no identity when a TLS socket uses it or the run ends",
	Why:    "The modem takes type 3 as hexadecimal, two digits a byte, and sends the identity (type 4) of the same tag to the server. It stores anything with OK.",
	Source: "Nordic's AT command guides, %CMNG (documented)",
	Fix:    "Write the PSK as hexadecimal digits without prefix or blanks, and its identity as type 4 of the same tag.",
	Bad: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,4,<identity> -> OK
AT%CMNG=0,24,3,<psk in base64> -> OK`,
	Good: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,4,<identity> -> OK
AT%CMNG=0,24,3,<psk> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		h := contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) (string, Level) {
			if k.Type != event.PSK || c.Hex || c.BeginLines > 0 { // P14 names a PEM
				return "", Off
			}
			return fmt.Sprintf("The PSK of %s is not an even number of hexadecimal digits.", plural(c.Bytes, "character")), Off
		})(a, found)
		seen := map[uint32]bool{} // tags that are reported already
		check := func(found foundFunc, n uint32) bool {
			fault := a.mem.withoutIdentity(n)
			if fault {
				k := Key{n, event.PSK}
				found(sighting{key: &k, what: func() string { return "The tag holds a PSK and no identity." }})
			}
			return fault
		}
		h.handshake = func(hs *event.Handshake) {
			for _, n := range hs.SecTags {
				if check(found, n) && len(seen) < maxFindings {
					seen[n] = true
				}
			}
		}
		h.endRun = func(found foundFunc) {
			for k, cred := range inOrder(a.mem.creds) {
				if k.Type == event.PSK && cred.written != 0 && !seen[k.SecTag] {
					check(found, k.SecTag)
				}
			}
		}
		return h
	},
}

// withoutIdentity reports whether a tag is known to hold a PSK and no identity.
func (m *memory) withoutIdentity(n uint32) bool {
	psk, identity := m.creds[Key{n, event.PSK}], m.creds[Key{n, event.PSKIdentity}]
	if psk == nil || !psk.holds() || identity != nil && identity.holds() {
		return false
	}
	t := m.tags[n]
	return identity != nil && identity.known || t != nil && t.held != nil && !slices.Contains(t.held, int(event.PSKIdentity))
}
