package provisioning

var _ = add(Program{
	Name:  "stores_an_identity_without_psk",
	What:  "stores the identity of a pre-shared key and not the key",
	Finds: []string{"P22"},
	Boot: func(f *Firmware) error {
		return f.ensure(idKey, f.Identity)
	},
})
