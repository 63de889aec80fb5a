package provisioning

var _ = add(Program{
	Name:  "connects_with_an_unknown_ca",
	What:  "connects with a CA that has not issued the server's certificate, and does not look at what comes of it",
	Finds: []string{"P35"},
	App:   "serial-modem",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.OtherCA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		_ = f.connect(tag, 2, ServerName)
		return nil
	},
})
