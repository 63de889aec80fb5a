package provisioning

var _ = add(Program{
	Name:  "writes_online",
	What:  "writes while online and does not look at the answer",
	Finds: []string{"P01"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		f.at("AT+CFUN=1")
		if !f.exists(caKey) {
			f.write(caKey, f.CA)
		}
		return nil
	},
})
