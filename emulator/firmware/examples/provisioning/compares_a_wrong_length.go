package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:  "compares_a_wrong_length",
	What:  "compares with one length and writes with another, so that it never matches",
	Finds: []string{"P02", "P04"},
	Boot: func(f *Firmware) error {
		if got, ok := f.read(caKey); ok && got == strings.TrimSuffix(f.CA, "\n") {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
