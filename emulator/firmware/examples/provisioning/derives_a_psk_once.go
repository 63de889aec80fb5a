package provisioning

var _ = add(Program{
	Name: "derives_a_psk_once",
	What: "derives its pre-shared key from the serial number, and finds it there later",
	Boot: func(f *Firmware) error {
		if err := f.ensure(idKey, f.Identity); err != nil {
			return err
		}
		return f.ensure(pskKey, sha(f.PSK+f.Identity))
	},
})
