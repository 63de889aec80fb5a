package provisioning

var _ = add(Program{
	Name:  "takes_a_failed_list_for_absent",
	What:  "takes the error of a list that it gets wrong for an absent credential",
	Finds: []string{"P04"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if a := f.at("AT%%CMNG=1,%d,99", tag); a.OK && quoted(a) != "" {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
