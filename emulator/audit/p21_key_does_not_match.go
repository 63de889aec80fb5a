package audit

import (
	"fmt"
	"slices"

	"nrf91emu/emulator/event"
)

var p21 = &Rule{
	ID: "P21", Name: "key-does-not-match",
	Level: Error, Topic: TLS,
	Title:  "A client certificate and a key that do not belong together",
	Sees:   "a tag that holds a client certificate and no private key, or one with another public key, when a TLS socket uses it or the run ends",
	Why:    "The modem needs both from one tag to prove who it is. It stores each without looking at the other, and the server refuses the handshake.",
	Source: "Nordic's TLS documentation: security tags (documented); bifravst/cat-tracker-fw issue 53 (reported by users)",
	Fix:    "Write the certificate and the key that it was issued for to the same tag.",
	Bad: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=0,24,1,<client certificate> -> OK
AT%CMNG=0,24,2,<another key> -> OK`,
	Good: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=0,24,1,<client certificate> -> OK
AT%CMNG=0,24,2,<key> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		seen := map[uint32]bool{} // tags that are reported already
		check := func(found foundFunc, n uint32, at Place) bool {
			what := a.mem.pairFault(n)
			if what != "" {
				k := Key{n, event.ClientCertificate}
				found(sighting{key: &k, at: at, what: func() string { return what }})
			}
			return what != ""
		}
		return hooks{
			handshake: func(h *event.Handshake) {
				for _, n := range h.SecTags {
					if check(found, n, a.mem.here(h.ID)) && len(seen) < maxFindings {
						seen[n] = true
					}
				}
			},
			endRun: func(found foundFunc) {
				for k, cred := range inOrder(a.mem.creds) {
					if k.Type == event.ClientCertificate && cred.written != 0 && !seen[k.SecTag] {
						check(found, k.SecTag, cred.at)
					}
				}
			},
		}
	},
}

// pairFault says what is wrong with the client certificate and key of a tag, as
// far as it is known.
func (m *memory) pairFault(n uint32) string {
	cert, key := m.creds[Key{n, event.ClientCertificate}], m.creds[Key{n, event.PrivateKey}]
	if cert == nil || !cert.holds() {
		return ""
	}
	if key == nil || !key.holds() {
		t := m.tags[n]
		if key != nil && key.known || t != nil && t.held != nil && !slices.Contains(t.held, int(event.PrivateKey)) {
			return "The tag holds a client certificate and no private key."
		}
		return ""
	}
	if cert.content == nil || key.content == nil || key.content.PublicKey == "" || len(cert.content.Certificates) == 0 {
		return ""
	}
	for _, c := range cert.content.Certificates {
		if c.PublicKey == key.content.PublicKey {
			return ""
		}
	}
	return fmt.Sprintf("The private key does not belong to the certificate of %s.", cert.content.Certificates[0].Subject)
}
