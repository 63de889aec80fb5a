package fault

import (
	"fmt"
	"time"

	"nrf91emu/emulator"
)

// The warning fires below the level that the firmware has by itself or that was
// armed with %XPOFWARN; without a level nothing happens. Writing is refused with
// 528 until the supply is back and +CFUN=1 was sent.
var powerWarning = Kind{
	Name: "power-warning",
	Help: "The supply falls when a command comes, so that the power-off warning fires, and recovers later.",
	On:   EachCommand,
	Params: []Param{
		numberParam("mv", "2900", 1, 10_000, "the supply in millivolts"),
		durationParam("for", "10s", maxSpell, "how long; 0s: until the fault is removed"),
	},
	arm: func(v values) action {
		mv, lasts := v.number("mv"), v.duration("for")
		return action{EachCommand, ToDevice, func(m *moment) string {
			m.do = func(d *emulator.Device) (string, time.Duration, func()) {
				before := d.Bench().Supply()
				d.Bench().SetSupply(mv)
				return fmt.Sprintf("the supply fell from %d to %d mV%s", before, mv, spell(lasts)), lasts,
					func() { d.Bench().SetSupply(before) }
			}
			return ""
		}}
	},
}

// spell says how long something lasts.
func spell(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf(" for %v", d)
}
