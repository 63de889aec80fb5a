package provisioning

var _ = add(Program{
	Name:  "stores_a_chain",
	What:  "stores three certificates as one CA, which are short enough",
	Notes: []string{"P17"},
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		return f.store(caKey, f.Chain)
	},
})
