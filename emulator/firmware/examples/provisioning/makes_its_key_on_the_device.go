package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "makes_its_key_on_the_device",
	What: "makes a key pair in the modem if there is none, which never leaves it",
	Made: []keystore.Key{keyKey},
	Boot: func(f *Firmware) error {
		if !f.exists(keyKey) {
			if err := f.ok("AT%%KEYGEN=%d,2,0", tag); err != nil {
				return err
			}
		}
		return f.ensure(caKey, f.CA)
	},
})
