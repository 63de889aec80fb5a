package provisioning

var _ = add(Program{
	Name:    "asks_and_reads_to_compare",
	Habit:   "exists-compare-write",
	What:    "asks whether the credential is there, reads it to compare, writes on a difference only",
	Renewed: true,
	// What Nordic's samples do with modem_key_mgmt (fact key-mgmt/commands).
	Boot: func(f *Firmware) error {
		if err := f.verbose(); err != nil {
			return err
		}
		if f.exists(caKey) {
			if got, ok := f.read(caKey); ok && got == f.CA {
				return nil
			}
		}
		return f.store(caKey, f.CA)
	},
})
