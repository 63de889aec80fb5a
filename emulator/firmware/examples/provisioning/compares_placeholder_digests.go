package provisioning

var _ = add(Program{
	Name:    "compares_placeholder_digests",
	What:    "compares digests on firmware that lists placeholders",
	Finds:   []string{"P04"},
	Profile: "nrf9160-1.1.5",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, f.CA)
	},
})
