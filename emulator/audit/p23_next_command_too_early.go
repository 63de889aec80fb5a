package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p23 = &Rule{
	ID: "P23", Name: "next-command-too-early",
	Level: Warning, Topic: Port,
	Title:  "The next command came too early",
	Sees:   "a command sent before the last one's final result, or bytes lost since they came while a command ran",
	Why:    "The AT host of Nordic's samples does not receive while a command runs: what is sent meanwhile is lost, and a PEM that is lost in part leaves a quote open.",
	Source: "sdk-nrf at_host (seen in source)",
	Fix:    "Wait for OK, ERROR or +CME ERROR before sending the next command.",
	Bad:    `* the next command is sent early`,
	Good: `
AT -> OK
AT%CMNG=1 -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{input: func(in *event.Input) {
			// One lost byte is the LF of a host that ends its lines by CR LF.
			if in.Problem != event.ProblemEarly && (in.Problem != event.ProblemLost || in.Bytes < 2) {
				return
			}
			found(sighting{subject: string(in.Problem), id: in.ID, what: func() string {
				if in.Problem == event.ProblemLost {
					return fmt.Sprintf("%s were lost, since they came while a command ran.", plural(in.Bytes, "byte"))
				}
				return "A command was sent before the final result of the last one."
			}})
		}}
	},
}
