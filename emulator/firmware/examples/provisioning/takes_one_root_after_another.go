package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:  "takes_one_root_after_another",
	What:  "stores one of many roots under one tag, another one at each boot",
	Finds: []string{"P31"},
	Boot: func(f *Firmware) error {
		roots := strings.SplitAfter(f.Chain, "-----END CERTIFICATE-----\n")
		return f.ensure(caKey, roots[(f.Boot-1)%3])
	},
})
