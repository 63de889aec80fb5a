package provisioning

var _ = add(Program{
	Name:  "deletes_before_it_asks",
	What:  "deletes, then asks, then finds nothing and writes",
	Finds: []string{"P06"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		f.remove(caKey)
		if f.exists(caKey) {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
