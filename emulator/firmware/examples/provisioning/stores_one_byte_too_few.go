package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_one_byte_too_few",
	What:    "drops the last byte with sizeof - 1, which here is part of the END line",
	Finds:   []string{"P11"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		content := strings.TrimSuffix(f.CA, "\n")
		return f.ensure(caKey, content[:len(content)-1])
	},
})
