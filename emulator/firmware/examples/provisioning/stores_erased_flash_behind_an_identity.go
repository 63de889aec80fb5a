package provisioning

var _ = add(Program{
	Name:  "stores_erased_flash_behind_an_identity",
	What:  "reads one byte too many of its identity from flash",
	Finds: []string{"P13"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(pskKey, f.PSK); err != nil {
			return err
		}
		return f.ensure(idKey, f.Identity+"\xff")
	},
})
