package provisioning

var _ = add(Program{
	Name:    "several_types",
	What:    "keeps all five types of credential under one tag",
	Notes:   []string{"P29"},
	Renewed: true,
	Boot: func(f *Firmware) error {
		for _, c := range []item{{caKey, f.CA}, {certKey, f.Cert}, {keyKey, f.Key}, {pskKey, f.PSK}, {idKey, f.Identity}} {
			if err := f.ensure(c.key, c.content); err != nil {
				return err
			}
		}
		return nil
	},
})
