package catalogue

var _ = add(Program{
	Name:  "rewrites_every_boot",
	What:  "writes at every boot without asking",
	Finds: []string{"P03", "P04", "P05"},
	Boot: func(f *Firmware) error {
		return f.store(caKey, f.CA)
	},
})
