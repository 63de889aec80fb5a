package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "takes_a_new_tag_every_boot",
	What:  "takes the number of the boot for its security tag",
	Finds: []string{"P31"},
	Notes: []string{"P27"},
	Boot: func(f *Firmware) error {
		return f.ensure(key(tag+keystore.SecTag(f.Boot), keystore.RootCA), f.CA)
	},
})
