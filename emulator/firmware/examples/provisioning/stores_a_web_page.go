package provisioning

var _ = add(Program{
	Name:    "stores_a_web_page",
	What:    "stores the page of a server that had no such file",
	Finds:   []string{"P14"},
	Profile: "nrf9160-1.3.7",
	Boot: func(f *Firmware) error {
		return f.ensure(caKey, "<!DOCTYPE html>\n<html><title>404</title></html>\n")
	},
})
