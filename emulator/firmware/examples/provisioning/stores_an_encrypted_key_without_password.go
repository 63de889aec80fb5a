package provisioning

var _ = add(Program{
	Name:  "stores_an_encrypted_key_without_password",
	What:  "stores an encrypted private key and keeps its password to itself",
	Finds: []string{"P14"},
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(keyKey, f.EncryptedKey); err != nil {
			return err
		}
		return f.ok("AT+CFUN=1")
	},
})
