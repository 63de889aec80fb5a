package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_on_one_line",
	What:    "stores a PEM on one line, blanks for line feeds",
	Finds:   []string{"P10"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, strings.ReplaceAll(f.CA, "\n", " "))
	},
})
