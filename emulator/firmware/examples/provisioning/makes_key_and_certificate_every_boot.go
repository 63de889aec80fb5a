package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "makes_key_and_certificate_every_boot",
	What:  "makes a new key at every boot, and writes a certificate that was issued for another",
	Finds: []string{"P21", "P32"},
	Made:  []keystore.Key{keyKey, certKey},
	Boot: func(f *Firmware) error {
		if f.exists(keyKey) {
			f.remove(keyKey)
		}
		if err := f.ok("AT%%KEYGEN=%d,2,0", tag); err != nil {
			return err
		}
		cert, err := f.Reissue()
		if err != nil {
			return err
		}
		return f.store(certKey, cert)
	},
})
