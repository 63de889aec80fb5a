package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_blanks_first",
	What:    "indents its CA as the source of the program is",
	Finds:   []string{"P10"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, strings.ReplaceAll("  "+f.CA, "\n", "\n  "))
	},
})
