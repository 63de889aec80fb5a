package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:  "stores_erased_flash",
	What:  "stores a page of its flash, in which the CA is followed by what was never written",
	Finds: []string{"P13"},
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, f.CA+strings.Repeat("\xff", 64))
	},
})
