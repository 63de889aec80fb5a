package event

import (
	"encoding/json"
	"time"

	"nrf91emu/emulator/lazyregexp"
)

// Normalised returns an event as a line of JSON without what differs from run to run
// though the same happens: times, the names of ports, the addresses of this host, and
// process numbers. Two runs of the same program with the same seed have equal lines.
func Normalised(e *Event) string {
	n := *e
	n.Time = time.Time{}
	if n.Response != nil {
		r := *n.Response
		r.Took = 0
		n.Response = &r
	}
	if n.Handshake != nil {
		h := *n.Handshake
		h.Took = 0
		n.Handshake = &h
	}
	if n.Program != nil {
		p := *n.Program
		p.PID = 0
		n.Program = &p
	}
	if n.Link != nil {
		l := *n.Link
		l.Name = "PORT"
		n.Link = &l
	}
	text, err := json.Marshal(&n)
	if err != nil {
		return err.Error() // an event is always JSON
	}
	return loopback().ReplaceAllString(string(text), "$1:PORT")
}

// loopback matches the address of a server on this host, which has another port each time.
var loopback = lazyregexp.New(`\b(127\.0\.0\.1|localhost|\[::1\]):\d+\b`)
