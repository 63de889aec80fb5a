package provisioning

var _ = add(Program{
	Name:  "asks_and_writes_all_the_same",
	What:  "asks and does not look at the answer",
	Finds: []string{"P04"},
	Boot: func(f *Firmware) error {
		f.exists(caKey)
		return f.store(caKey, f.CA)
	},
})
