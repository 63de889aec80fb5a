package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name: "echo_on",
	What: "works with echo switched on",
	App:  "serial-modem",
	Boot: func(f *Firmware) error {
		f.at("ATE1")
		if strings.Contains(string(f.at("AT%%CMNG=1,%d,0", tag).Text), sha(f.CA)) {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
