package provisioning

import "nrf91emu/keystore"

var _ = add(Program{
	Name:  "takes_5_for_the_identity",
	What:  "counts one too far in the list of types, so that the identity is refused, and goes online all the same",
	Finds: []string{"P22", "P25"},
	Boot: func(f *Firmware) error {
		if err := f.verbose(); err != nil {
			return err
		}
		if err := f.ensure(pskKey, f.PSK); err != nil {
			return err
		}
		if wrong := key(tag, keystore.PSKIdentity+1); !f.exists(wrong) {
			f.write(wrong, f.Identity)
		}
		return f.online()
	},
})
