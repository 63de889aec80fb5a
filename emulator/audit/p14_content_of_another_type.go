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
	Sees:   "a PEM whose label does not fit the type, DER, or no PEM at all in types 0 to 2, a PEM in types 3 and 4; what else the modem refuses with 527; a warning for a certificate or PEM that it takes but that cannot be decoded, and for an encrypted private key that the password written with it does not open",
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
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, op *event.Credential) (string, Level) {
		if !isPEMType(k.Type) {
			if c.BeginLines > 0 {
				return fmt.Sprintf("A PEM was written as type %d (%s).", k.Type, typeNames[k.Type]), Off
			}
			return "", Off
		}
		switch {
		case c.HTML && len(c.Certificates) == 0:
			return "The content is a web page (HTML), not PEM.", Off
		case c.DER:
			return "The content is binary DER, not PEM.", Off
		case c.BeginLines == 0 && c.NonASCII == 0:
			return "The content is no PEM: it has no BEGIN line.", Off
		}
		fits := certificateLabels
		if k.Type == event.PrivateKey {
			fits = keyLabels
		}
		for _, label := range c.PEM {
			if !slices.Contains(fits, label) {
				return fmt.Sprintf("A PEM with the label %q was written as type %d (%s).", label, k.Type, typeNames[k.Type]), Off
			}
		}
		if c.Locked != "" {
			return "The modem cannot use the private key: " + c.Locked + ".", Warning
		}
		level := Warning
		if op.CME == event.CMEInvalidContent {
			level = Error
		}
		if damaged(c) || c.Bytes > maxContent {
			return "", Off // another rule says so
		}
		if len(c.PEM) == 0 {
			return "The text between the BEGIN and END lines does not decode.", level
		}
		if k.Type != event.PrivateKey && len(c.Certificates) == 0 {
			return "The PEM decodes, but to no certificate.", level
		}
		if op.CME == event.CMEInvalidContent {
			return "The modem refused the content with 527 (invalid or too large).", Off
		}
		return "", Off
	}),
}

// Labels of PEM blocks, RFC 7468 and the older forms that OpenSSL writes; it puts
// EC PARAMETERS before an EC key.
var (
	certificateLabels = []string{"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}
	keyLabels         = []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PARAMETERS"}
)

// damaged reports whether P08 to P13 find something wrong with a PEM.
func damaged(c *event.Content) bool {
	return c.CR > 0 || c.EscapedLF > 0 || c.LeadBlank || oneLine(c) || c.EndLines < c.BeginLines || c.NonASCII > 0
}
