package provisioning

import (
	"strings"

	"nrf91emu/keystore"
)

var _ = add(Program{
	Name: "forgives_a_final_line_feed",
	What: "compares without regard to the final line feed, as the newest library does",
	Stored: func(m *Material) map[keystore.Key]string {
		return map[keystore.Key]string{caKey: strings.TrimSuffix(m.CA, "\n")}
	},
	Boot: func(f *Firmware) error {
		if got, ok := f.read(caKey); ok && strings.TrimSuffix(got, "\n") == strings.TrimSuffix(f.CA, "\n") {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
