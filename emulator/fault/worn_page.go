package fault

import (
	"fmt"
	"time"

	"nrf91emu/emulator"
)

// A page that is worn out stays so. The store goes on with those that are left,
// and is full sooner.
var wornPage = Kind{
	Name:   "worn-page",
	Help:   "Pages of the flash wear out when a command comes: the modem goes on without them.",
	On:     EachCommand,
	Params: []Param{numberParam("pages", "1", 1, 4096, "how many of the free pages")},
	arm: func(v values) action {
		pages := v.number("pages")
		return action{EachCommand, ToDevice, func(m *moment) string {
			m.do = func(d *emulator.Device) (string, time.Duration, func()) {
				worn, err := d.Bench().WearOut(pages)
				if err != nil {
					return inVain(fmt.Sprintf("%d flash pages were to wear out, and %d did", pages, worn), err), 0, nil
				}
				return fmt.Sprintf("%d of the free flash pages wore out", worn), 0, nil
			}
			return ""
		}}
	},
}
