package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "rotates_its_key_once",
	What: "has a new key made and certified when it is told to, once",
	Made: []keystore.Key{keyKey, certKey},
	Boot: func(f *Firmware) error {
		if err := f.verbose(); err != nil {
			return err
		}
		want := "generation 1"
		if f.Boot >= 2 {
			want = "generation 2"
		}
		name, err := f.certifiedAs()
		if err != nil {
			return err
		}
		if name == want && f.exists(keyKey) {
			return nil
		}
		return f.reenrol(want)
	},
})
