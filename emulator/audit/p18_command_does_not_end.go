package audit

import (
	"cmp"
	"fmt"

	"nrf91emu/emulator/event"
)

var p18 = &Rule{
	ID: "P18", Name: "command-does-not-end",
	Level: Error, Topic: Port,
	Title:  "A command that does not end",
	Sees:   "a quoted string that stays open for more than 2 s, until the host sends its next command, or to the end of the boot; or a command line of more than 4,096 bytes",
	Why:    "Inside quotes CR and LF are data. While a quote is open everything that follows is swallowed, and the device looks dead; the AT host of Nordic's samples drops what exceeds its buffer, the closing quote too.",
	Source: "sdk-nrf at_host and Serial Modem (seen in source)",
	Fix:    "Send the closing quote and the terminator; leave quotes out of the content, for which there is no escape; and keep a command below 4,096 bytes.",
	Bad:    `* a quote stays open`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		return hooks{input: func(in *event.Input) {
			if in.Problem != event.ProblemOpenQuote && in.Problem != event.ProblemTooLong {
				return
			}
			name := cmp.Or(in.Text, "a command")
			found(sighting{subject: string(in.Problem), at: Place{Boot: a.mem.boot, Exchange: in.ID, Command: in.Text}, what: func() string {
				if in.Problem == event.ProblemTooLong {
					return fmt.Sprintf("A command line of %s was sent: %s.", plural(in.Bytes, "byte"), name)
				}
				if in.Reason != "" {
					return fmt.Sprintf("In %s %s.", name, in.Reason)
				}
				return fmt.Sprintf("In %s a quoted string stayed open after %s.", name, plural(in.Bytes, "byte"))
			}})
		}}
	},
}
