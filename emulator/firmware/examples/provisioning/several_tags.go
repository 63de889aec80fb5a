package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "several_tags",
	What: "keeps two brokers' CAs under two tags",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		return f.ensure(key(25, keystore.RootCA), f.OtherCA)
	},
})
