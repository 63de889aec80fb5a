package provisioning

var _ = add(Program{
	Name:  "stores_a_psk_without_identity",
	What:  "stores a pre-shared key and no identity",
	Finds: []string{"P22"},
	Boot: func(f *Firmware) error {
		return f.ensure(pskKey, f.PSK)
	},
})
