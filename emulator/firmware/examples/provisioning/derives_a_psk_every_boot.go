package provisioning

import (
	"fmt"
)

var _ = add(Program{
	Name:  "derives_a_psk_every_boot",
	What:  "derives another pre-shared key from the number of the boot",
	Finds: []string{"P31"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(idKey, f.Identity); err != nil {
			return err
		}
		return f.ensure(pskKey, sha(fmt.Sprint(f.PSK, f.Boot)))
	},
})
