package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_an_older_label",
	What:    "stores a CA as BEGIN X509 CERTIFICATE, which only OpenSSL reads",
	Finds:   []string{"P14"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, strings.ReplaceAll(f.CA, " CERTIFICATE", " X509 CERTIFICATE"))
	},
})
