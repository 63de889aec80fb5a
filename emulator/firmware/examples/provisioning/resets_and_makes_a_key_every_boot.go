package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "resets_and_makes_a_key_every_boot",
	What:  "resets the modem to its factory state at every boot and makes a new key pair",
	Finds: []string{"P33"},
	Made:  []keystore.Key{keyKey},
	Boot: func(f *Firmware) error {
		if err := f.ok("AT%%XFACTORYRESET=0"); err != nil {
			return err
		}
		return f.ok("AT%%KEYGEN=%d,2,0", tag)
	},
})
