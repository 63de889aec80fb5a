package provisioning

var _ = add(Program{
	Name:  "forgets_the_type",
	What:  "leaves the type out of its write, and looks at no answer",
	Finds: []string{"P37"},
	Boot: func(f *Firmware) error {
		if err := f.verbose(); err != nil {
			return err
		}
		if !f.exists(idKey) {
			f.at(`AT%%CMNG=0,%d,"%s"`, tag, f.Identity)
		}
		return nil
	},
})
