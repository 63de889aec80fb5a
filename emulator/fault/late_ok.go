package fault

import "fmt"

// A program that gave the command up meanwhile may take the result for that of its
// next command.
var lateResult = Kind{
	Name:   "late-ok",
	Help:   "The final result of a command, OK or an error, comes late; its information lines do not.",
	On:     EachResult,
	Params: []Param{delayParam("2s")},
	arm: func(v values) action {
		delay := v.duration("delay")
		return action{EachResult, ToHost, func(m *moment) string {
			m.wait += delay
			return fmt.Sprintf("the final result%s came %v late", m.where, delay)
		}}
	},
}
