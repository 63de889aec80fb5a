package provisioning

var _ = add(Program{
	Name:  "stores_a_wrong_key",
	What:  "stores a key that does not belong to the certificate",
	Finds: []string{"P21"},
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(certKey, f.Cert); err != nil {
			return err
		}
		return f.ensure(keyKey, f.OtherKey)
	},
})
