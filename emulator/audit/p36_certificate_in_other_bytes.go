package audit

import (
	"fmt"
	"strings"

	"nrf91emu/emulator/event"
)

var p36 = &Rule{
	ID: "P36", Name: "certificate-in-other-bytes",
	Level: Error, Topic: Wear,
	Title:  "The same certificate or key in other bytes",
	Sees:   "a write of the certificates or the private key that the host itself had stored in an earlier boot, in another text: a comment with the time, other line lengths, another encoding; unless the text stored was faulty",
	Why:    "The digest covers the text, so a program that builds the text anew at each boot finds a difference each time, though the certificate is the same.",
	Source: "RFC 7468: text outside the BEGIN and END lines does not count (documented)",
	Fix:    "Store the PEM as the file has it, without comments or dates, and compare that.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca with comment> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca without final LF> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
* power cycle
AT%CMNG=1,24,0 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Op != event.CredentialWrite || c.Error || c.Content == nil || cred.content == nil || c.Before == "" || c.Before == c.After {
				return
			}
			boot, ok := cred.writtenIn(c.Before)
			if !ok || boot == a.mem.boot || certificateIdentity(c.Content) != certificateIdentity(cred.content) || certificateIdentity(c.Content) == "" {
				return
			}
			if faulty(cred.content) && !faulty(c.Content) || !a.mem.claim() {
				return
			}
			found(sighting{key: &cred.key, id: c.ID, cost: c.Cost, what: func() string {
				what := "private key"
				if n := len(c.Content.Certificates); n > 0 {
					what = "certificate"
				}
				return fmt.Sprintf("Boot %d had stored the same %s in other bytes (SHA-256 %s, now %s).", boot, what, shortDigest(c.Before), shortDigest(c.After))
			}})
		}}
	},
}

// certificateIdentity is what tells certificates and private keys apart whatever their
// text; empty for other contents.
func certificateIdentity(c *event.Content) string {
	if len(c.Certificates) == 0 {
		return c.PublicKey
	}
	list := make([]string, 0, len(c.Certificates))
	for _, cert := range c.Certificates {
		if cert.SHA256 == "" { // a record of an older version
			return ""
		}
		list = append(list, cert.SHA256)
	}
	return strings.Join(list, " ")
}

// faulty reports whether a PEM is one that is worth replacing by another text.
func faulty(c *event.Content) bool { return damaged(c) || !c.FinalLF || c.LeadBlank }
