package provisioning

var _ = add(Program{
	Name:  "connects_without_verification",
	What:  "switches the verification off, since it then works",
	Finds: []string{"P28"},
	App:   "serial-modem",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		return f.connect(tag, 0, ServerName)
	},
})
