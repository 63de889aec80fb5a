package audit

import (
	"fmt"
	"time"

	"nrf91emu/emulator/event"
)

// renewWithin is how long a certificate should still be valid when it is stored
// (chosen: a field update of devices takes weeks).
const renewWithin = 90 * 24 * time.Hour

var p16 = &Rule{
	ID: "P16", Name: "certificate-expires",
	Level: Warning, Topic: Content,
	Title:  "A certificate that expires",
	Sees:   "a written certificate that has expired or has less than 90 days left, or an expired one in the chain that a server sent, by the clock of the run",
	Why:    "A device in the field that trusts an expired root, or shows an expired certificate, cannot connect and so cannot be updated. Whether the modem itself looks at the dates is settled by no source.",
	Source: "chosen",
	Fix:    "Renew the certificate before devices ship, and choose roots that outlive them.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<expired ca> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		h := contentRule(func(a *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
			if k.Type > event.ClientCertificate {
				return contentFault{}
			}
			for _, cert := range c.Certificates {
				if left := cert.NotAfter.Sub(a.mem.now); left < renewWithin {
					return contentFault{what: expiry(cert, left)}
				}
			}
			return contentFault{}
		})(a, found)
		h.handshake = func(hs *event.Handshake) {
			for _, cert := range hs.Chain {
				if left := cert.NotAfter.Sub(a.mem.now); left < 0 {
					found(sighting{subject: hs.Peer, id: hs.ID, what: func() string { return "In the server's chain: " + expiry(cert, left) }})
					return
				}
			}
		}
		return h
	},
}

func expiry(cert event.Certificate, left time.Duration) string {
	day := cert.NotAfter.UTC().Format(time.DateOnly)
	if left < 0 {
		return fmt.Sprintf("The certificate of %s expired on %s.", cert.Subject, day)
	}
	return fmt.Sprintf("The certificate of %s expires on %s, in %s.", cert.Subject, day, plural(int(left/(24*time.Hour)), "day"))
}
