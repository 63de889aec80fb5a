package provisioning

var _ = add(Program{
	Name:  "stores_a_client_certificate_without_key",
	What:  "stores a client certificate and forgets its key",
	Finds: []string{"P21"},
	Boot: func(f *Firmware) error {
		if f.exists(certKey) {
			return nil
		}
		return f.store(certKey, f.Cert)
	},
})
