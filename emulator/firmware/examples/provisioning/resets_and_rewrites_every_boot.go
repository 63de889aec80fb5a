package provisioning

var _ = add(Program{
	Name:  "resets_and_rewrites_every_boot",
	What:  "resets the modem to its factory state and writes anew at every boot",
	Finds: []string{"P33"},
	Boot: func(f *Firmware) error {
		if err := f.ok("AT%%XFACTORYRESET=0"); err != nil {
			return err
		}
		return f.store(caKey, f.CA)
	},
})
