package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:    "stores_escaped_line_feeds",
	What:    "stores backslash and n in place of line feeds",
	Finds:   []string{"P09"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		content := strings.ReplaceAll(f.CA, "\n", `\n`)
		if f.digest(caKey) == sha(content) {
			return nil
		}
		return f.store(caKey, content)
	},
})
