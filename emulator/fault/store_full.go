package fault

import (
	"fmt"
	"time"

	"nrf91emu/emulator"
)

// It is other credentials that fill the store, so lists show them: they have tags
// from [emulator.FillerTag] on.
var storeFull = Kind{
	Name:   "store-full",
	Help:   "The credential store is full when a command comes: writing is refused with 515.",
	On:     EachCommand,
	Params: []Param{durationParam("for", "0s", maxSpell, "how long; 0s: until the fault is removed")},
	arm: func(v values) action {
		lasts := v.duration("for")
		return action{EachCommand, ToDevice, func(m *moment) string {
			m.do = func(d *emulator.Device) (string, time.Duration, func()) {
				n, err := d.Bench().FillStore()
				if err != nil {
					return inVain("the store was to be filled", err), 0, nil
				}
				return fmt.Sprintf("%d credentials, under tags from %d on, fill the store%s", n, emulator.FillerTag, spell(lasts)),
					lasts, func() { d.Bench().EmptyStore() }
			}
			return ""
		}}
	},
}
