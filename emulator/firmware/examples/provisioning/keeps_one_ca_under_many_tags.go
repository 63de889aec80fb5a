package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "keeps_one_ca_under_many_tags",
	What:  "stores one CA under a tag for each connection",
	Notes: []string{"P27"},
	Boot: func(f *Firmware) error {
		for _, n := range []keystore.SecTag{24, 25, 26} {
			if err := f.ensure(key(n, keystore.RootCA), f.CA); err != nil {
				return err
			}
		}
		return nil
	},
})
