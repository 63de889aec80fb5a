package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:  "stores_crlf",
	What:  "stores a file with the line ends of Windows",
	Finds: []string{"P08"},
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, strings.ReplaceAll(f.CA, "\n", "\r\n"))
	},
})
