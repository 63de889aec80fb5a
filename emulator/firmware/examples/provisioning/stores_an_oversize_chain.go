package provisioning

var _ = add(Program{
	Name:    "stores_an_oversize_chain",
	What:    "stores three certificates of 5 kB as one CA, through an application that takes as much",
	Finds:   []string{"P17"},
	Profile: "nrf9160-1.3.7",
	App:     "serial-modem-main",
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			return nil
		}
		return f.store(caKey, f.LongChain)
	},
})
