package provisioning

var _ = add(Program{
	Name:  "goes_online_after_a_failed_write",
	What:  "ignores that the write was refused",
	Finds: []string{"P14", "P25"},
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if !f.exists(caKey) {
			f.write(caKey, "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n")
		}
		return f.ok("AT+CFUN=1")
	},
})
