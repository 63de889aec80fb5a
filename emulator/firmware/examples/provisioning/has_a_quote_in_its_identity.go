package provisioning

import (
	"fmt"
)

var _ = add(Program{
	Name:  "has_a_quote_in_its_identity",
	What:  "stores an identity with a quotation mark in it, gets no answer, and tries again",
	Finds: []string{"P18", "P22"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(pskKey, f.PSK); err != nil {
			return err
		}
		for range 2 {
			f.Send(fmt.Sprintf("AT%%CMNG=0,%d,4,\"the \"%s\"\r", tag, f.Identity))
		}
		return nil
	},
})
