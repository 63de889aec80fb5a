package fault

import (
	"fmt"
	"math/rand/v2"
)

// While a level shifter or the chip starts, the line is not idle, and the host's
// UART takes what it sees for bytes. The banner of the application is glued to the
// last of them.
var bootNoise = Kind{
	Name:   "boot-noise",
	Help:   "Garbage comes before the first thing that the device sends after a boot.",
	On:     EachBoot,
	Params: []Param{numberParam("bytes", "12", 1, 1000, "how much")},
	arm: func(v values) action {
		n := v.number("bytes")
		return action{EachBoot, ToHost, func(m *moment) string {
			for range n {
				m.before = append(m.before, noise(m.random))
			}
			return fmt.Sprintf("%d bytes of noise came before what the device sent first", n)
		}}
	},
}

// noise returns a byte that a disturbed line gives: often all bits low or high. Line
// ends and printable characters take a regular pattern, and are left out.
func noise(random *rand.Rand) byte {
	switch random.IntN(4) {
	case 0:
		return 0x00
	case 1:
		return 0xff
	}
	return 0x80 | byte(random.IntN(0x80))
}
