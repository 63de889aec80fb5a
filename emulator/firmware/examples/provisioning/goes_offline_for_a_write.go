package provisioning

var _ = add(Program{
	Name:    "goes_offline_for_a_write",
	What:    "is online already when it finds a difference, and goes to flight mode for the write",
	Renewed: true,
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		f.at("AT+CFUN=1")
		if f.digest(caKey) == sha(f.CA) {
			return nil
		}
		if err := f.ok("AT+CFUN=4"); err != nil {
			return err
		}
		if err := f.store(caKey, f.CA); err != nil {
			return err
		}
		return f.ok("AT+CFUN=1")
	},
})
