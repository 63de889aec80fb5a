package fault

import "fmt"

var lateLine = Kind{
	Name:   "late",
	Help:   "A line arrives late, whole.",
	On:     EachLine,
	Params: []Param{directionParam(), delayParam("500ms")},
	arm: func(v values) action {
		delay := v.duration("delay")
		return action{EachLine, Direction(v["to"]), func(m *moment) string {
			m.wait += delay
			return fmt.Sprintf("the line that begins with %s came %v late", m.where, delay)
		}}
	},
}
