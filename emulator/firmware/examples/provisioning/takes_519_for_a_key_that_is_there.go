package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "takes_519_for_a_key_that_is_there",
	What: "asks for a key pair at every boot, and takes 519 for one that is there",
	Made: []keystore.Key{keyKey},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if a := f.at("AT%%KEYGEN=%d,2,0", tag); !a.OK && a.CME != 519 {
			return errRefused
		}
		return f.ensure(caKey, f.CA)
	},
})
