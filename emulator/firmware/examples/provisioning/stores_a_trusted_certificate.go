package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_a_trusted_certificate",
	What:    "stores what openssl x509 -trustout has written",
	Finds:   []string{"P14"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, strings.ReplaceAll(f.CA, " CERTIFICATE", " TRUSTED CERTIFICATE"))
	},
})
