package provisioning

var _ = add(Program{
	Name:    "sets_cmee_once",
	What:    "sets +CMEE once at the start, as firmware without the library does",
	Renewed: true,
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		return f.ensure(caKey, f.CA)
	},
})
