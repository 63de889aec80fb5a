package audit

import (
	"fmt"
	"slices"

	"nrf91emu/emulator/event"
)

var p14 = &Rule{
	ID: "P14", Name: "content-of-another-type",
	Level: Error, Topic: Content,
	Title:  "Content of another type",
	Sees:   "a PEM whose label does not fit the type, DER, or no PEM at all in types 0 to 2, a PEM in types 3 and 4; what else the modem refuses with 527; an encrypted private key without its password; and a certificate or PEM that cannot be decoded, a label that only OpenSSL knows, or an encrypted private key that its password does not open: a warning where the modem stores it, and an error once it goes online with it",
	Why:    "Types 0 and 1 are certificates and type 2 is a private key, all as PEM; types 3 and 4 are a PSK and its identity. Older modem firmware and all of it for keys stores anything with OK, and the handshake fails later.",
	Source: "Nordic's AT command guides, %CMNG (documented); DevZone 48688: a joke was stored as a CA (reported by users)",
	Fix:    "Check that the type number belongs to the file, and convert DER to PEM (openssl x509 -inform der).",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<key> -> OK`,
	Good: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=0,24,1,<client certificate> -> OK
AT%CMNG=0,24,2,<key> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		h := contentRule(func(_ *Audit, k Key, c *event.Content, op *event.Credential) contentFault {
			if fault, unusable := judgeType(k, c, op); !unusable || op.Error {
				return fault
			}
			return contentFault{} // below: it depends on whether the modem goes online with it
		})(a, found)
		// Firmware that does not look at content stores what cannot work. To go online
		// with it is as bad as to go on after a refusal.
		type stored struct {
			at     Place
			fault  contentFault
			online bool
		}
		unusable := map[Key]*stored{}
		content := h.credential
		h.credential = func(c *event.Credential, cred *credential) {
			content(c, cred)
			if c.Error || cred.key.Type > event.PSKIdentity || c.Op != event.CredentialWrite && c.Op != event.CredentialDelete {
				return
			}
			if s := unusable[cred.key]; s != nil && !s.online {
				delete(unusable, cred.key) // it was put right before it could do harm
			}
			if c.Content == nil || c.Op == event.CredentialDelete {
				return
			}
			if fault, bad := judgeType(cred.key, c.Content, c); bad && fault.what != "" && unusable[cred.key] == nil && len(unusable) < maxFindings {
				unusable[cred.key] = &stored{at: a.mem.here(c.ID), fault: fault}
			}
		}
		h.mode = func(m *event.Mode) {
			for _, s := range unusable {
				s.online = s.online || m.Active
			}
		}
		h.endRun = func(found foundFunc) {
			for k, s := range inOrder(unusable) {
				level, what := Warning, s.fault.what
				if s.online {
					level, what = Error, what+" The modem stored it all the same, and went online with it."
				}
				found(sighting{key: &k, at: s.at, level: level, fix: s.fault.fix, what: func() string { return what }})
			}
		}
		return h
	},
}

// judgeType says what is wrong with content of a type. unusable is set for what the
// modem may have stored although it can do nothing with it.
func judgeType(k Key, c *event.Content, op *event.Credential) (fault contentFault, unusable bool) {
	if !isPEMType(k.Type) {
		if c.BeginLines > 0 {
			return contentFault{what: fmt.Sprintf("A PEM was written as type %d (%s).", k.Type, typeNames[k.Type])}, false
		}
		return contentFault{}, false
	}
	switch {
	case c.HTML && len(c.Certificates) == 0:
		return contentFault{
			what: "The content is a web page (HTML), not PEM.",
			fix:  "Download the file itself: a link to a page that shows it, or an error page of the server, was saved in its place.",
		}, false
	case c.DER:
		return contentFault{
			what: "The content is binary DER, not PEM.",
			fix:  "Convert it: openssl x509 -inform der -in FILE -out FILE.pem for a certificate, openssl pkey -inform der for a key.",
		}, false
	case c.BeginLines == 0 && c.NonASCII == 0:
		return contentFault{what: "The content is no PEM: it has no BEGIN line."}, false
	}
	fits := []string{"CERTIFICATE"}
	if k.Type == event.PrivateKey {
		fits = keyLabels
	}
	for _, label := range c.PEM {
		if slices.Contains(fits, label) {
			continue
		}
		if k.Type != event.PrivateKey && slices.Contains(otherLabels, label) {
			return contentFault{
				what: fmt.Sprintf("The PEM has the label %q, which only OpenSSL reads.", label),
				fix:  "Write it with BEGIN CERTIFICATE: openssl x509 -in FILE -out FILE.pem does.",
			}, true
		}
		fault := contentFault{what: fmt.Sprintf("A PEM with the label %q was written as type %d (%s).", label, k.Type, typeNames[k.Type])}
		if k.Type != event.PrivateKey && slices.Contains(keyLabels, label) {
			fault.fix = "Write the key as type 2 and the certificate as this one. Types 0 and 1 can be read back by anybody at the port: delete the key there, and take a new one if the device has left your hands."
		}
		return fault, false
	}
	if c.Locked != "" {
		return contentFault{
			what: "The modem cannot use the private key: " + c.Locked + ".",
			fix:  "Give its password as the last parameter, AT%CMNG=0,<tag>,2,\"<key>\",\"<password>\", or store the key decrypted: openssl pkey -in FILE -out FILE.pem.",
		}, c.Locked != event.NoPassword // a half is an error at once
	}
	if damaged(c) || c.Bytes > maxContent {
		return contentFault{}, false // another rule says so
	}
	const copyAgain = "The file is damaged: fetch it anew, and see that openssl x509 -in FILE -noout -text can read it."
	if len(c.PEM) == 0 {
		return contentFault{what: "The text between the BEGIN and END lines does not decode.", fix: copyAgain}, true
	}
	if k.Type != event.PrivateKey && len(c.Certificates) == 0 {
		return contentFault{what: "The PEM decodes, but to no certificate: " + c.Damage + ".", fix: copyAgain}, true
	}
	if op.CME == event.CMEInvalidContent {
		return contentFault{what: "The modem refused the content with 527 (invalid or too large)."}, false
	}
	return contentFault{}, false
}

// Labels of PEM blocks, RFC 7468 and the older forms that OpenSSL writes; it puts
// EC PARAMETERS before an EC key.
var (
	otherLabels = []string{"X509 CERTIFICATE", "TRUSTED CERTIFICATE"}
	keyLabels   = []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PARAMETERS"}
)

// damaged reports whether P08 to P13 find something wrong with a PEM.
func damaged(c *event.Content) bool {
	return c.CR > 0 || c.EscapedLF > 0 || c.LeadBlank && !c.LeadLF || c.Padding > 0 || oneLine(c) || c.EndLines < c.BeginLines || c.NonASCII > 0
}
