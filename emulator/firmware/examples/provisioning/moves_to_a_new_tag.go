package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:   "moves_to_a_new_tag",
	What:   "stores a new CA under a tag of its own before the old one goes",
	Stored: func(m *Material) map[keystore.Key]string { return map[keystore.Key]string{caKey: m.CA} },
	Boot: func(f *Firmware) error {
		next := key(25, keystore.RootCA)
		if err := f.ensure(next, f.OtherCA); err != nil {
			return err
		}
		if f.exists(caKey) {
			f.remove(caKey)
		}
		return nil
	},
})
