package provisioning

import (
	"fmt"
)

var _ = add(Program{
	Name: "repeats_after_a_time_out",
	What: "gives up on the answer to a write, finds its step again and asks before it writes again",
	Boot: func(f *Firmware) error {
		if f.digest(caKey) == sha(f.CA) {
			return nil
		}
		f.Send(fmt.Sprintf("AT%%CMNG=0,%d,0,\"%s\"\r", tag, f.CA)) // the answer is lost
		f.at("AT")
		return f.ensure(caKey, f.CA)
	},
})
