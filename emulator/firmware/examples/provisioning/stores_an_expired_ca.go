package provisioning

var _ = add(Program{
	Name:  "stores_an_expired_ca",
	What:  "stores a CA whose time is over",
	Finds: []string{"P16"},
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, f.Expired)
	},
})
