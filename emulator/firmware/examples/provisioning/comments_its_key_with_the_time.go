package provisioning

import (
	"fmt"
)

var _ = add(Program{
	Name:  "comments_its_key_with_the_time",
	What:  "stores its private key with a comment of the boot in front",
	Finds: []string{"P36"},
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		return f.ensure(keyKey, fmt.Sprintf("# written in boot %d\n%s", f.Boot, f.Key))
	},
})
