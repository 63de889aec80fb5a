package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:  "uses_a_system_tag",
	What:  "writes to a tag above those of users",
	Finds: []string{"P19"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		high := key(2147483700, keystore.RootCA)
		if f.exists(high) {
			return nil
		}
		f.write(high, f.CA)
		return nil
	},
})
