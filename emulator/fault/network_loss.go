package fault

import (
	"time"

	"nrf91emu/emulator"
)

var networkLoss = Kind{
	Name:   "network-loss",
	Help:   "The network goes when a command comes, as in a tunnel, and comes back later.",
	On:     EachCommand,
	Params: []Param{durationParam("for", "10s", maxSpell, "how long; 0s: until the fault is removed")},
	arm: func(v values) action {
		lasts := v.duration("for")
		return action{EachCommand, ToDevice, func(m *moment) string {
			m.do = func(d *emulator.Device) (string, time.Duration, func()) {
				if err := d.Bench().LoseNetwork(); err != nil {
					return inVain("the network was to be lost", err), 0, nil
				}
				return "the network was lost" + spell(lasts), lasts, d.Bench().RestoreNetwork
			}
			return ""
		}}
	},
}
