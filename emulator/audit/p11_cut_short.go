package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p11 = &Rule{
	ID: "P11", Name: "cut-short",
	Level: Error, Topic: Content,
	Title:  "A PEM that is cut short",
	Sees:   "a PEM with more BEGIN marks than whole END marks",
	Why:    "The last dashes belong to the format. The usual cause is a length of `sizeof(array) - 1` on an array without a final NUL, as a file turned into an array is.",
	Source: "the course exercise \"MQTT over TLS\" since SDK 3.2 sends 903 of 904 bytes (seen in source)",
	Fix:    "Send the whole file: sizeof for an array made from a file, strlen for a string.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca cut short> -> OK`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: contentRule(func(_ *Audit, k Key, c *event.Content, _ *event.Credential) contentFault {
		if c.DER || c.BeginLines <= c.EndLines {
			return contentFault{}
		}
		return contentFault{what: fmt.Sprintf("The content of %s has %s but %s.", plural(c.Bytes, "byte"),
			plural(c.BeginLines, "BEGIN mark"), plural(c.EndLines, "whole END mark"))}
	}),
}
