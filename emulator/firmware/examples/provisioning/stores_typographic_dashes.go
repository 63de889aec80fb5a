package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_typographic_dashes",
	What:    "stores a PEM that a word processor has improved",
	Finds:   []string{"P13"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, strings.ReplaceAll(f.CA, "-----", "\u2014\u2014-"))
	},
})
