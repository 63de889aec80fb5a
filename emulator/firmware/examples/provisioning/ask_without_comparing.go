package provisioning

var _ = add(Program{
	Name: "ask_without_comparing",
	What: "writes what is absent and trusts what is there",
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
