package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "uses_nrf_clouds_tag",
	What:  "stores its own CA under the tag of nRF Cloud",
	Finds: []string{"P19"},
	Boot: func(f *Firmware) error {
		return f.ensure(key(16842753, keystore.RootCA), f.CA)
	},
})
