package provisioning

var _ = add(Program{
	Name:    "looks_again_after_a_write",
	What:    "lists again after a write to verify it",
	Renewed: true,
	Boot: func(f *Firmware) error {
		if err := f.ensure(caKey, f.CA); err != nil {
			return err
		}
		if f.digest(caKey) != sha(f.CA) {
			return errRefused
		}
		return nil
	},
})
