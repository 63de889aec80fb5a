package provisioning

var _ = add(Program{
	Name:  "rewrites_a_key_that_it_cannot_read",
	What:  "rewrites the private key since reading it to compare fails",
	Finds: []string{"P07"},
	Notes: []string{"P29"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if got, ok := f.read(keyKey); ok && got == f.Key {
			return nil
		}
		return f.store(keyKey, f.Key)
	},
})
