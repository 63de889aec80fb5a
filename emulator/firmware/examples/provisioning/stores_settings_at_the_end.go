package provisioning

var _ = add(Program{
	Name: "stores_settings_at_the_end",
	What: "switches off in good order by +CFUN=0",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.ok("AT+CFUN=1"); err != nil {
			return err
		}
		return f.ok("AT+CFUN=0")
	},
})
