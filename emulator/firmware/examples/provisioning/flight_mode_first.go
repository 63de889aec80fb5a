package provisioning

var _ = add(Program{
	Name: "flight_mode_first",
	What: "goes to flight mode before it provisions, as tools do, and online afterwards",
	Boot: func(f *Firmware) error {
		if err := f.ok("AT+CFUN=4"); err != nil {
			return err
		}
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		return f.ok("AT+CFUN=1")
	},
})
