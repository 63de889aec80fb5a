package provisioning

var _ = add(Program{
	Name:    "takes_a_refused_read_for_different",
	What:    "takes a client certificate that cannot be read for a different one",
	Finds:   []string{"P04", "P26"},
	Notes:   []string{"P29"},
	Profile: "nrf9160-1.2.7",
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if got, ok := f.read(certKey); ok && got == f.Cert {
			return nil
		}
		if err := f.ensure(keyKey, f.Key); err != nil {
			return err
		}
		return f.store(certKey, f.Cert)
	},
})
