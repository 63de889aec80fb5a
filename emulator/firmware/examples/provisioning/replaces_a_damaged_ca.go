package provisioning

import (
	"nrf91emu/keystore"
	"strings"
)

var _ = add(Program{
	Name:    "replaces_a_damaged_ca",
	What:    "finds a damaged CA and replaces it before it goes online",
	Profile: "nrf9160-1.3.7",
	Stored: func(m *Material) map[keystore.Key]string {
		return map[keystore.Key]string{caKey: strings.Replace(m.CA, "M", "A", 1)}
	},
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		return f.ok("AT+CFUN=1")
	},
})
