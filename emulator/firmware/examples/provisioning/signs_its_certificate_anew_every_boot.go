package provisioning

var _ = add(Program{
	Name:  "signs_its_certificate_anew_every_boot",
	What:  "has a new certificate issued for the same key at every boot",
	Finds: []string{"P31"},
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(keyKey, f.Key); err != nil {
			return err
		}
		cert, err := f.Reissue()
		if err != nil {
			return err
		}
		return f.ensure(certKey, cert)
	},
})
