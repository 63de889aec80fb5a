package provisioning

var _ = add(Program{
	Name:  "keeps_its_key_only_while_it_runs",
	What:  "stores its pre-shared key at the start, and deletes it before it ends, for security's sake",
	Finds: []string{"P06"},
	Boot: func(f *Firmware) error {
		if err := f.ensure(idKey, f.Identity); err != nil {
			return err
		}
		if err := f.ensure(pskKey, f.PSK); err != nil {
			return err
		}
		if err := f.online(); err != nil {
			return err
		}
		f.at("AT+CFUN=4")
		f.remove(pskKey)
		return nil
	},
})
