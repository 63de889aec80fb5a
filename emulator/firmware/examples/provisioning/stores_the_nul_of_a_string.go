package provisioning

var _ = add(Program{
	Name:  "stores_the_nul_of_a_string",
	What:  "takes sizeof for the length of a string, so that the command ends at the NUL, and goes online all the same",
	Finds: []string{"P25"},
	Boot: func(f *Firmware) error {
		_ = f.ensure(caKey, f.CA+"\x00")
		return f.ok("AT+CFUN=1")
	},
})
