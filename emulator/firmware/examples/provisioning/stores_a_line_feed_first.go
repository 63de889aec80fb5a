package provisioning

var _ = add(Program{
	Name:  "stores_a_line_feed_first",
	What:  "stores a CA with a line feed in front, as older versions of nrfcredstore do",
	Notes: []string{"P10"},
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, "\n"+f.CA)
	},
})
