package provisioning

var _ = add(Program{
	Name:  "alternates_two_contents",
	What:  "keeps two CAs under one tag, so that each write undoes the other",
	Finds: []string{"P05"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		return f.ensure(caKey, f.OtherCA)
	},
})
