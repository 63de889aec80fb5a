package provisioning

var _ = add(Program{
	Name:  "stores_an_encrypted_key_with_password",
	What:  "stores an encrypted private key with its password",
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		if f.digest(keyKey) == sha(f.EncryptedKey) {
			return nil
		}
		return f.ok(`AT%%CMNG=0,%d,%d,"%s","%s"`, tag, keyKey.Type, f.EncryptedKey, EncryptedKeyPassword)
	},
})
