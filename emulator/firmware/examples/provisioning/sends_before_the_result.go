package provisioning

var _ = add(Program{
	Name:  "sends_before_the_result",
	What:  "sends the next command before the last one's final result",
	Finds: []string{"P23"},
	Boot: func(f *Firmware) error {
		f.Send("AT+COPS=?\rAT%CMNG=1,24\r")
		f.at("AT")
		return f.ensure(caKey, f.CA)
	},
})
