package provisioning

import "nrf91emu/keystore"

var _ = add(Program{
	Name:  "moves_to_the_other_tag_every_boot",
	What:  "has two tags as a bootloader has two slots, and moves its CA to the other one at every boot",
	Finds: []string{"P06", "P31"},
	Boot: func(f *Firmware) error {
		from, to := key(100, keystore.RootCA), key(101, keystore.RootCA)
		old, other := f.exists(from), f.exists(to)
		if other {
			from, to, old = to, from, true
		}
		if err := f.store(to, f.CA); err != nil {
			return err
		}
		if old {
			f.remove(from)
		}
		return nil
	},
})
