package provisioning

var _ = add(Program{
	Name: "ends_commands_with_crlf",
	What: "is written for the application whose commands end with CR LF",
	App:  "slm",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, f.CA)
	},
})
