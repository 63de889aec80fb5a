package audit

import (
	"time"

	"nrf91emu/emulator/event"
)

// CheckContent judges the content of a credential before it gets into a modem, by
// the rules that look at content alone (topic Content, and whether a PSK is
// hexadecimal). now is the time against which certificates expire. Findings have no
// places and cost nothing.
func CheckContent(k Key, content []byte, now time.Time) []Finding {
	levels := make(map[string]Level)
	for _, r := range rules {
		if r.Topic != Content && r != p22 {
			levels[r.ID] = Off
		}
	}
	a := New(Options{Levels: levels})
	secret := k.Type == event.PrivateKey || k.Type == event.PSK
	a.Add(&event.Event{Seq: 1, Time: now, Boot: 1, Power: &event.Power{Action: event.PowerOn}})
	a.Add(&event.Event{Seq: 2, Time: now, Boot: 1, Credential: &event.Credential{
		ID: 1, Op: "write", SecTag: &k.SecTag, Type: &k.Type, Content: event.Describe(content, secret),
	}})
	for _, c := range a.endRun { // P14 waits to see what becomes of some content
		if c.rule == p14 {
			c.fn(a.into(a.book, c.rule))
		}
	}
	var found []Finding
	for _, f := range a.book.order { // not the report, which judges the run as a whole too
		f.Places, f.Count, f.Boots = []Place{}, 1, 0
		found = append(found, *f)
	}
	return found
}
