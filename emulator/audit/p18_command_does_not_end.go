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
	Sees:   "a quoted string that stays open for more than 2 s, until the host sends its next command, or to the end of the boot; a command that is not ended as the application wants it, with no other one after it in the boot, and a warning if there is one; or a command line of more than 4,096 bytes",
	Why:    "Inside quotes CR and LF are data. While a quote is open everything that follows is swallowed, and the device looks dead; the AT host of Nordic's samples drops what exceeds its buffer, the closing quote too.",
	Source: "sdk-nrf at_host and Serial Modem (seen in source)",
	Fix:    "Send the closing quote, and the terminator that the application waits for; leave quotes out of the content, for which there is no escape; and keep a command below 4,096 bytes.",
	Bad:    `* a quote stays open`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		report := func(found foundFunc, level Level, boot int, in *event.Input) {
			found(sighting{subject: string(in.Problem), level: level, at: Place{Boot: boot, Exchange: in.ID, Command: in.Text}, what: func() string { return unendedWords(in) }})
		}
		// A host that tries several terminators until one is answered is none that hangs.
		var unended *event.Input // of this boot, and no command has ended since
		return hooks{
			input: func(in *event.Input) {
				switch in.Problem {
				case event.ProblemOpenQuote, event.ProblemTooLong:
					report(found, Off, a.mem.boot, in)
				case event.ProblemNoTerminator:
					kept := *in
					unended = &kept
				}
			},
			response: func(*event.Response) {
				if unended != nil {
					report(found, Warning, a.mem.boot, unended)
					unended = nil
				}
			},
			endBoot: func(found foundFunc) {
				if unended != nil {
					report(found, Off, a.mem.boot, unended)
				}
			},
			newBoot: func() { unended = nil },
		}
	},
}

// unendedWords says what has become of a command.
func unendedWords(in *event.Input) string {
	name := cmp.Or(in.Text, "a command")
	switch {
	case in.Problem == event.ProblemTooLong:
		return fmt.Sprintf("A command line of %s was sent: %s.", plural(in.Bytes, "byte"), name)
	case in.Problem == event.ProblemNoTerminator:
		return fmt.Sprintf("After %s: %s.", name, cmp.Or(in.Reason, "no terminator came"))
	case in.Reason != "":
		return fmt.Sprintf("In %s %s.", name, in.Reason)
	}
	return fmt.Sprintf("In %s a quoted string stayed open after %s.", name, plural(in.Bytes, "byte"))
}
