package provisioning

var _ = add(Program{
	Name:  "alternates_over_boots",
	What:  "has two contents for one tag and writes now the one, now the other",
	Finds: []string{"P05"},
	Boot: func(f *Firmware) error {
		content := f.CA
		if f.Boot%2 == 0 {
			content = f.OtherCA
		}
		return f.ensure(caKey, content)
	},
})
