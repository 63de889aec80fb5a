package provisioning

var _ = add(Program{
	Name:  "writes_offline_after_518",
	What:  "goes online, is refused a write with 518, and does it offline",
	Notes: []string{"P01"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if err := f.ok("AT+CFUN=1"); err != nil {
			return err
		}
		if f.digest(caKey) == sha(f.CA) {
			return nil
		}
		if a := f.write(caKey, f.CA); a.CME != 518 {
			return errRefused
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
