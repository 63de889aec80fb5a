package provisioning

var _ = add(Program{
	Name:  "stores_a_leaf_as_ca",
	What:  "stores the server's or its own certificate as root CA",
	Finds: []string{"P15"},
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		return f.store(caKey, f.Cert)
	},
})
