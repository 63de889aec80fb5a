package lab

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"

	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
)

// getTranscript gives out what was said on the port since the exercise began, also in an
// earlier life of the lab. Keys are masked, as in the record.
func (s *Seat) getTranscript(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="transcript.txt"`)
	out := bufio.NewWriter(w)
	defer out.Flush()
	fmt.Fprintf(out, "%s, seat %d: %s behind %s, IMEI %s\n", s.current().Title, s.N, s.device.Profile().Name, s.device.Dialect().Name, s.device.Identity().IMEI)
	messages, cut := s.hub.all()
	if cut {
		fmt.Fprintln(out, "(What was said at first is not kept any more.)")
	}
	day := ""
	for _, m := range messages {
		var one envelope
		var ev event.Event
		if json.Unmarshal(m.json, &one) != nil || one.Kind != "event" || json.Unmarshal(one.Data, &ev) != nil {
			continue
		}
		if text := control.TranscriptOf(&ev); text != "" {
			if today := ev.Time.Format("Monday, 2 January 2006"); today != day {
				day = today
				fmt.Fprintf(out, "\n%s\n", day)
			}
			out.WriteString(text)
		}
	}
}
