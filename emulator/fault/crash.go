package fault

import (
	"fmt"
	"time"

	"nrf91emu/emulator"
)

// The reasons that users report are 0x4, 0x10 and 0x11 (fact fault/crash-reasons).
var crash = Kind{
	Name: "crash",
	Help: "The modem crashes when a command comes, which is not executed. Later the device restarts, if its application has not seen to the modem before.",
	On:   EachCommand,
	Params: []Param{
		numberParam("reason", "0x4", 0, 1<<31-1, "what the modem library reports"),
		durationParam("restart", "2s", maxSpell, "how long until the device restarts; 0s: not by itself"),
	},
	arm: func(v values) action {
		reason, restart := uint32(v.number("reason")), v.duration("restart")
		return action{EachCommand, ToDevice, func(m *moment) string {
			m.do = func(d *emulator.Device) (string, time.Duration, func()) {
				why := fmt.Sprintf("reason 0x%x, as a test asked for", reason)
				if err := d.Bench().CrashModem(reason, why); err != nil {
					return inVain("the modem was to crash", err), 0, nil
				}
				if restart == 0 {
					return "the modem crashed, " + why, 0, nil
				}
				what := fmt.Sprintf("the modem crashed, %s; unless it is back before, the device restarts in %v", why, restart)
				return what, restart, func() {
					if !d.Alive() { // nobody else has restarted it
						d.Bench().Reboot("the modem had crashed")
					}
				}
			}
			return ""
		}}
	},
}

// inVain says that a deed could not be done.
func inVain(what string, err error) string { return what + ", in vain: " + err.Error() }
