package provisioning

var _ = add(Program{
	Name:  "stores_a_certificate_as_key",
	What:  "mixes up the type of certificate and key",
	Finds: []string{"P14"},
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		if f.exists(keyKey) {
			return nil
		}
		return f.store(keyKey, f.Cert)
	},
})
