package provisioning

var _ = add(Program{
	Name:  "connects_without_a_host_name",
	What:  "verifies the server's certificate and not whose it is",
	Finds: []string{"P28"},
	App:   "serial-modem",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		return f.connect(tag, 2, "")
	},
})
