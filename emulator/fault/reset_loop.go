package fault

import (
	"time"

	"nrf91emu/emulator"
)

// The modem counts resets without AT+CFUN=0 before them and then refuses to attach
// for 30 minutes (nWP042, documented).
var resetLoop = Kind{
	Name: "reset-loop",
	Help: "A boot is one too many without AT+CFUN=0 before: the modem does not attach for 30 minutes.",
	On:   EachBoot,
	arm: func(values) action {
		return action{EachBoot, ToDevice, func(m *moment) string {
			m.do = func(d *emulator.Device) (string, time.Duration, func()) {
				if err := d.Bench().LockResetLoop(); err != nil {
					return inVain("the reset loop restriction was to begin", err), 0, nil
				}
				return "the modem was reset too often without AT+CFUN=0: the reset loop restriction holds", 0, nil
			}
			return ""
		}}
	},
}
