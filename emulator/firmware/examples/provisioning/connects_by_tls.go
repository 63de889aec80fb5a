package provisioning

var _ = add(Program{
	Name: "connects_by_tls",
	What: "provisions, goes online and connects with what it has stored, the server's name checked",
	App:  "serial-modem",
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		return f.connect(tag, 2, ServerName)
	},
})
