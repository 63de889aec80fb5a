package provisioning

var _ = add(Program{
	Name:  "connects_with_another_tag",
	What:  "provisions one tag and names another for the socket",
	Finds: []string{"P20"},
	App:   "serial-modem",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		return f.connect(42, 2, ServerName)
	},
})
