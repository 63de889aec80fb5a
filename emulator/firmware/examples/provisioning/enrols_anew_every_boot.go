package provisioning

import (
	"fmt"

	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "enrols_anew_every_boot",
	What:  "has a new key made at every boot, and a certificate issued for it",
	Finds: []string{"P32"},
	Made:  []keystore.Key{keyKey, certKey},
	Boot:  func(f *Firmware) error { return f.reenrol(fmt.Sprint("boot ", f.Boot)) },
})
