package provisioning

var _ = add(Program{
	Name:    "deletes_before_a_needed_replacement",
	What:    "deletes what has to be replaced before it writes",
	Renewed: true,
	Boot: func(f *Firmware) error {
		switch f.digest(caKey) {
		case sha(f.CA):
			return nil
		case "":
		default:
			f.remove(caKey)
		}
		return f.store(caKey, f.CA)
	},
})
