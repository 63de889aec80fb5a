package provisioning

var _ = add(Program{
	Name:  "resets_its_settings_every_boot",
	What:  "resets the modem's settings at every boot to begin clean",
	Finds: []string{"P33"},
	Boot: func(f *Firmware) error {
		if err := f.ok("AT%%XFACTORYRESET=1"); err != nil {
			return err
		}
		return f.ensure(caKey, f.CA)
	},
})
