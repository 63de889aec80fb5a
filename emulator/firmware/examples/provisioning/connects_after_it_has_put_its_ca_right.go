package provisioning

import (
	"nrf91emu/keystore"
)

var _ = add(Program{
	Name:   "connects_after_it_has_put_its_ca_right",
	What:   "takes the right CA when the server refuses the one that is stored",
	App:    "serial-modem",
	Stored: func(m *Material) map[keystore.Key]string { return map[keystore.Key]string{caKey: m.OtherCA} },
	Boot: func(f *Firmware) error {
		if err := f.online(); err != nil {
			return err
		}
		if f.connect(tag, 2, ServerName) == nil {
			return nil
		}
		if err := f.ok("AT+CFUN=4"); err != nil {
			return err
		}
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		return f.connect(tag, 2, ServerName)
	},
})
