package provisioning

var _ = add(Program{
	Name:  "goes_offline_by_cfun_0",
	What:  "uses +CFUN=0 to go offline for the check at every boot",
	Finds: []string{"P24"},
	Boot: func(f *Firmware) error {
		f.at("AT+CFUN=1")
		if err := f.ok("AT+CFUN=0"); err != nil {
			return err
		}
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		return f.ok("AT+CFUN=1")
	},
})
