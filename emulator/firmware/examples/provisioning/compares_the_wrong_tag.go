package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "compares_the_wrong_tag",
	What:  "asks about one tag and writes another",
	Finds: []string{"P04"},
	Boot: func(f *Firmware) error {
		if f.digest(key(16, keystore.RootCA)) == sha(f.CA) {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
