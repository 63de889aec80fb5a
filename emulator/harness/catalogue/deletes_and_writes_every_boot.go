package catalogue

var _ = add(Program{
	Name:  "deletes_and_writes_every_boot",
	What:  "deletes and writes at every boot, to be on the safe side",
	Finds: []string{"P02", "P03", "P05", "P06"},
	Boot: func(f *Firmware) error {
		f.remove(caKey)
		return f.store(caKey, f.CA)
	},
})
