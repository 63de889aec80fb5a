package provisioning

var _ = add(Program{
	Name:    "stores_a_byte_order_mark",
	What:    "stores a file that an editor has saved with a byte order mark",
	Finds:   []string{"P13"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, "\ufeff"+f.CA)
	},
})
