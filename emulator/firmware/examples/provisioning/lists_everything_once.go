package provisioning

import (
	"fmt"
	"strings"
)

var _ = add(Program{
	Name:    "lists_everything_once",
	What:    "asks for the whole list once and looks everything up in it",
	Renewed: true,
	Boot: func(f *Firmware) error {
		list := string(f.at("AT%%CMNG=1").Text)
		for _, c := range []item{{caKey, f.CA}, {certKey, f.Cert}, {keyKey, f.Key}} {
			if strings.Contains(list, fmt.Sprintf("%d,%d,\"%s\"", c.key.SecTag, c.key.Type, sha(c.content))) {
				continue
			}
			if err := f.store(c.key, c.content); err != nil {
				return err
			}
		}
		return nil
	},
})
