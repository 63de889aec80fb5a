package provisioning

var _ = add(Program{
	Name: "blanks_and_lower_case",
	What: "writes its commands in lower case and with blanks after commas",
	App:  "serial-modem",
	Boot: func(f *Firmware) error {
		if quoted(f.at("at%%cmng=1, %d, 0", tag)) == sha(f.CA) {
			return nil
		}
		return f.ok(`at%%cmng=0, %d, 0, "%s"`, tag, f.CA)
	},
})
