package provisioning

import (
	"bytes"
	"strings"

	"nrf91emu/emulator/host"
)

var _ = add(Program{
	Name:    "sets_cmee_around_each_call",
	What:    "asks for +CMEE, sets it and puts it back around each call, as Nordic's library does",
	Renewed: true,
	Boot: func(f *Firmware) error {
		call := func(command string) host.Answer {
			if strings.Contains(string(f.at("AT+CMEE?").Text), "+CMEE: 0") {
				f.at("AT+CMEE=1")
				defer f.at("AT+CMEE=0")
			}
			a := f.at("%s", command)
			a.Text = bytes.Clone(a.Text)
			return a
		}
		if got, ok := content2(call("AT%CMNG=2, 24, 0")); ok && got == f.CA {
			return nil
		}
		if a := call("AT%CMNG=0,24,0,\"" + f.CA + "\""); !a.OK {
			return errRefused
		}
		return nil
	},
})
