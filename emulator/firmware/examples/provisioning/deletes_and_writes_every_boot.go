package provisioning

var _ = add(Program{
	Name:  "deletes_and_writes_every_boot",
	Habit: "delete-write",
	What:  "deletes the credential and writes it anew at every boot",
	Finds: []string{"P06"},
	Boot: func(f *Firmware) error {
		if err := f.verbose(); err != nil {
			return err
		}
		f.remove(caKey)
		return f.store(caKey, f.CA)
	},
})
