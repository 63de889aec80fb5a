package provisioning

import (
	"fmt"
)

var _ = add(Program{
	Name:  "takes_a_new_identity_every_boot",
	What:  "makes up another identity for its pre-shared key at every boot",
	Finds: []string{"P31"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(pskKey, f.PSK); err != nil {
			return err
		}
		return f.ensure(idKey, fmt.Sprint(f.Identity, "-", f.Boot))
	},
})
