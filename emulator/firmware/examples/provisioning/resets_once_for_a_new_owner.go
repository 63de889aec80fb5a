package provisioning

var _ = add(Program{
	Name: "resets_once_for_a_new_owner",
	What: "resets the modem to its factory state when the user asks for it",
	Boot: func(f *Firmware) error {
		if f.Boot == 2 {
			if err := f.ok("AT%%XFACTORYRESET=0"); err != nil {
				return err
			}
		}
		return f.ensure(caKey, f.CA)
	},
})
