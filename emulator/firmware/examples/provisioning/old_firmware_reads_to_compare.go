package provisioning

var _ = add(Program{
	Name:    "old_firmware_reads_to_compare",
	What:    "is for firmware whose list has no digests, and reads instead",
	Profile: "nrf9160-1.1.5",
	Renewed: true,
	Boot: func(f *Firmware) error {
		f.at("AT+CMEE=1")
		if f.exists(caKey) {
			if got, ok := f.read(caKey); ok && got == f.CA {
				return nil
			}
		}
		return f.store(caKey, f.CA)
	},
})
