package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "enrols_once",
	What: "has the modem make a key and a certificate issued for it, and begins anew if it finds the one without the other",
	Made: []keystore.Key{keyKey, certKey},
	Boot: func(f *Firmware) error {
		if f.exists(keyKey) && f.exists(certKey) {
			return nil
		}
		return f.reenrol("device-1")
	},
})
