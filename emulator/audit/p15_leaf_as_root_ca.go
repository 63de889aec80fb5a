package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p15 = &Rule{
	ID: "P15", Name: "leaf-as-root-ca",
	Level: Warning, Topic: Content,
	Title:  "A leaf certificate as root CA",
	Sees:   "type 0 content in which no certificate is a CA or self-signed",
	Why:    "The modem verifies a server against the root of its chain. The server's own certificate does not serve for that, and it changes with every renewal.",
	Source: "X.509 path validation, RFC 5280 (documented)",
	Fix:    "Store the root certificate that the server's chain ends in.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<client certificate> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<self-signed server certificate> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		if k.Type != event.RootCA || len(c.Certificates) == 0 {
			return contentFault{}
		}
		for _, cert := range c.Certificates {
			if cert.CA || cert.Subject == cert.Issuer {
				return contentFault{}
			}
		}
		leaf := c.Certificates[0]
		return contentFault{what: fmt.Sprintf("The certificate of %s, issued by %s, is no CA.", leaf.Subject, leaf.Issuer)}
	}),
}
