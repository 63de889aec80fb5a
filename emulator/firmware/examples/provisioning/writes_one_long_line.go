package provisioning

var _ = add(Program{
	Name:  "writes_one_long_line",
	What:  "sends a command longer than the port takes, whose end is lost",
	Finds: []string{"P18"},
	App:   "serial-modem",
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		f.write(caKey, f.LongChain)
		return nil
	},
})
