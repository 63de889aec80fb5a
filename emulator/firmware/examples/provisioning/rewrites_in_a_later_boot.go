package provisioning

var _ = add(Program{
	Name:  "rewrites_in_a_later_boot",
	What:  "asks and compares, but its update routine rewrites all the same",
	Finds: []string{"P04"},
	Boot: func(f *Firmware) error {
		if f.Boot == 3 {
			f.exists(caKey)
			return f.store(caKey, f.CA)
		}
		return f.ensure(caKey, f.CA)
	},
})
