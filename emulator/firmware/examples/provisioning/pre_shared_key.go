package provisioning

var _ = add(Program{
	Name: "pre_shared_key",
	What: "stores a pre-shared key and its identity, compared by digest",
	Boot: func(f *Firmware) error {
		if err := f.ensure(pskKey, f.PSK); err != nil {
			return err
		}
		return f.ensure(idKey, f.Identity)
	},
})
