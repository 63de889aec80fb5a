package catalogue

var _ = add(Program{
	Name:    "asks_and_reads_to_compare",
	What:    "asks, reads to compare, writes on a difference: the course's own way",
	Renewed: true,
	Boot: func(f *Firmware) error {
		if f.exists(caKey) {
			if got, ok := f.read(caKey); ok && got == f.CA {
				return nil
			}
		}
		return f.store(caKey, f.CA)
	},
})
