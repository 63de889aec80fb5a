package provisioning

var _ = add(Program{
	Name:  "writes_a_set_with_the_ca_last",
	What:  "asks about the CA alone, which it writes last, so that a half-written set is written again",
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		for _, c := range []item{{keyKey, f.Key}, {certKey, f.Cert}, {caKey, f.CA}} {
			if err := f.store(c.key, c.content); err != nil {
				return err
			}
		}
		return nil
	},
})
