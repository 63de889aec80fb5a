package provisioning

var _ = add(Program{
	Name:    "stores_a_key_as_ca",
	What:    "stores a private key as root CA",
	Finds:   []string{"P14"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		return f.store(caKey, f.Key)
	},
})
