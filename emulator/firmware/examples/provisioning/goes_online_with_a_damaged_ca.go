package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "goes_online_with_a_damaged_ca",
	What:    "stores a damaged CA, which its firmware takes, and goes online",
	Finds:   []string{"P14"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		damaged := strings.Replace(f.CA, "M", "A", 1)
		if err := f.ensure(caKey, damaged); err != nil {
			return err
		}
		return f.ok("AT+CFUN=1")
	},
})
