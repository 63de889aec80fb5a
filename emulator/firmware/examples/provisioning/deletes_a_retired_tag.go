package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "deletes_a_retired_tag",
	What: "removes the tag of an older version once",
	Stored: func(m *Material) map[keystore.Key]string {
		return map[keystore.Key]string{key(16, keystore.RootCA): m.OtherCA}
	},
	Boot: func(f *Firmware) error {
		if old := key(16, keystore.RootCA); f.exists(old) {
			f.remove(old)
		}
		return f.ensure(caKey, f.CA)
	},
})
