package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:   "renews_its_certificate_once",
	What:   "has a new certificate issued when the old one ends",
	Notes:  []string{"P29"},
	Stored: func(m *Material) map[keystore.Key]string { return map[keystore.Key]string{certKey: m.Cert} },
	Boot: func(f *Firmware) error {
		if err := f.ensure(keyKey, f.Key); err != nil {
			return err
		}
		if f.exists(certKey) && f.Boot != 2 {
			return nil
		}
		return f.ensure(certKey, f.Renewal)
	},
})
