package provisioning

var _ = add(Program{
	Name:  "stores_a_psk_in_plain_text",
	What:  "stores a password as pre-shared key, which is hexadecimal",
	Finds: []string{"P22"},
	Boot: func(f *Firmware) error {
		if f.exists(pskKey) {
			return nil
		}
		if err := f.store(pskKey, "my password"); err != nil {
			return err
		}
		return f.store(idKey, f.Identity)
	},
})
