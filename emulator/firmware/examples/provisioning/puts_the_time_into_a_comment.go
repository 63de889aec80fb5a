package provisioning

import (
	"fmt"
)

var _ = add(Program{
	Name:  "puts_the_time_into_a_comment",
	What:  "builds the text of its CA anew at every boot, with a date in front",
	Finds: []string{"P36"},
	Boot: func(f *Firmware) error {
		text := fmt.Sprintf("# written in boot %d\n%s", f.Boot, f.CA)
		return f.ensure(caKey, text)
	},
})
