package provisioning

var _ = add(Program{
	Name:  "stores_settings_after_each_step",
	What:  "sends +CFUN=0 after each thing that it has done",
	Finds: []string{"P24", "P34"},
	Boot: func(f *Firmware) error {
		if err := f.ok("AT+CFUN=0"); err != nil {
			return err
		}
		if f.exists(caKey) {
			return f.ok("AT+CFUN=0")
		}
		if err := f.store(caKey, f.CA); err != nil {
			return err
		}
		return f.ok("AT+CFUN=0")
	},
})
