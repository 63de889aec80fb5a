package provisioning

import (
	"nrf91emu/keystore"
	"strings"
)

var _ = add(Program{
	Name: "puts_a_text_right_once",
	What: "replaces a CA with the wrong line ends by the same with the right ones",
	Stored: func(m *Material) map[keystore.Key]string {
		return map[keystore.Key]string{caKey: strings.ReplaceAll(m.CA, "\n", "\r\n")}
	},
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, f.CA)
	},
})
