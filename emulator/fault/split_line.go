package fault

import "fmt"

// A reader that takes what one read returns for a whole line falls for it.
var splitLine = Kind{
	Name:   "split",
	Help:   "What was sent in one piece arrives in two, the second later. With p it is cut anywhere.",
	On:     EachByte,
	Params: []Param{directionParam(), delayParam("20ms")},
	arm: func(v values) action {
		delay := v.duration("delay")
		return action{EachByte, Direction(v["to"]), func(m *moment) string {
			m.wait += delay
			return fmt.Sprintf("%s, and what follows, came %v after what was before it", m.where, delay)
		}}
	},
}
