package provisioning

var _ = add(Program{
	Name:  "rewrites_every_boot",
	Habit: "rewrite",
	What:  "writes the credential at every boot",
	Finds: []string{"P04"},
	Boot: func(f *Firmware) error {
		if err := f.verbose(); err != nil {
			return err
		}
		return f.store(caKey, f.CA)
	},
})
