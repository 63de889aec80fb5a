package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "makes_a_key_every_boot",
	What:  "makes a new key pair in the modem at every boot",
	Finds: []string{"P32"},
	Made:  []keystore.Key{keyKey},
	Boot: func(f *Firmware) error {
		if f.exists(keyKey) {
			f.remove(keyKey)
		}
		return f.ok("AT%%KEYGEN=%d,2,0", tag)
	},
})
