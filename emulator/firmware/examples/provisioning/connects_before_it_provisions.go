package provisioning

var _ = add(Program{
	Name:  "connects_before_it_provisions",
	What:  "connects first, and provisions when that has failed",
	Finds: []string{"P20"},
	App:   "serial-modem",
	Boot: func(f *Firmware) error {
		if f.Boot == 1 {
			if err := f.online(); err != nil {
				return err
			}
			_ = f.connect(tag, 2, ServerName)
			if err := f.ok("AT+CFUN=4"); err != nil {
				return err
			}
		}
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		return f.connect(tag, 2, ServerName)
	},
})
