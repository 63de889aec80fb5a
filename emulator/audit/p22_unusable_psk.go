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
	Sees:   "a PSK that is not an even number of hexadecimal digits, or a tag that holds a PSK and no identity, or an identity and no PSK, when a TLS socket uses it or the run ends",
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
		h := contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
			if k.Type != event.PSK || c.Hex || c.BeginLines > 0 || c.Padding > 0 { // P14 and P13 name those
				return contentFault{}
			}
			return contentFault{what: fmt.Sprintf("The PSK of %s is not an even number of hexadecimal digits.", plural(c.Bytes, "character"))}
		})(a, found)
		seen := map[Key]bool{} // halves that are reported already
		check := func(found foundFunc, n uint32, half event.CredentialType, at Place) bool {
			k := Key{n, half}
			fault := a.mem.isHalf(k)
			if fault {
				found(sighting{key: &k, at: at, what: func() string {
					if half == event.PSK {
						return "The tag holds a PSK and no identity."
					}
					return "The tag holds a PSK identity and no PSK."
				}})
			}
			return fault
		}
		h.handshake = func(hs *event.Handshake) {
			for _, n := range hs.SecTags {
				for _, half := range []event.CredentialType{event.PSK, event.PSKIdentity} {
					if check(found, n, half, a.mem.here(hs.ID)) && len(seen) < maxFindings {
						seen[Key{n, half}] = true
					}
				}
			}
		}
		h.endRun = func(found foundFunc) {
			for k, cred := range inOrder(a.mem.creds) {
				other := a.mem.creds[Key{k.SecTag, event.PSK + event.PSKIdentity - k.Type}]
				if other != nil && other.deleted.digest != "" {
					continue // it was whole: what was deleted was not forgotten
				}
				if (k.Type == event.PSK || k.Type == event.PSKIdentity) && cred.written != 0 && !seen[k] {
					check(found, k.SecTag, k.Type, cred.at)
				}
			}
		}
		return h
	},
}

// isHalf reports whether a PSK is known to have no identity, or an identity no PSK.
func (m *memory) isHalf(k Key) bool {
	other := Key{k.SecTag, event.PSK + event.PSKIdentity - k.Type}
	one, two := m.creds[k], m.creds[other]
	if one == nil || !one.holds() || two != nil && two.holds() {
		return false
	}
	t := m.tags[k.SecTag]
	return two != nil && two.known || t != nil && t.held != nil && !slices.Contains(t.held, int(other.Type))
}
