package provisioning

var _ = add(Program{
	Name:  "compares_digests",
	What:  "compares digests and reads nothing, for certificate, key and CA",
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		for _, c := range []item{{caKey, f.CA}, {certKey, f.Cert}, {keyKey, f.Key}} {
			if err := f.ensure(c.key, c.content); err != nil {
				return err
			}
		}
		return nil
	},
})
