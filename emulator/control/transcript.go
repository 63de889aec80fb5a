package control

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"nrf91emu/emulator/event"
)

// getTranscript gives out what was said on the port, for people.
func (s *Server) getTranscript(w http.ResponseWriter, _ *http.Request) error {
	if s.ring == nil {
		return errNoRecord
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="transcript.txt"`)
	fmt.Fprintf(w, "%s behind %s, IMEI %s\n", s.device.Profile().Name, s.device.Dialect().Name, s.device.Identity().IMEI)
	s.WriteTranscript(w, 0)
	return nil
}

// WriteTranscript writes what was said on the port after an event, for people: commands,
// answers with the reasons of refusals, notifications, handshakes, power. Keys are masked,
// as in the record.
func (s *Server) WriteTranscript(w io.Writer, since uint64) {
	for {
		events := s.Events(since)
		if len(events) == 0 {
			return
		}
		if lost := events[0].Seq - since - 1; lost > 0 {
			fmt.Fprintf(w, "(%d events were here that are not kept any more)\n", lost)
		}
		for i := range events {
			since = events[i].Seq
			io.WriteString(w, TranscriptOf(&events[i]))
		}
	}
}

// TranscriptOf returns what a transcript says of an event, with its time and a line end; ""
// for one that was not on the port.
func TranscriptOf(e *event.Event) string {
	text := transcriptLine(e)
	if text == "" {
		return ""
	}
	return e.Time.Format("15:04:05.000 ") + text + "\n"
}

// transcriptLine puts an event into words.
func transcriptLine(e *event.Event) string {
	switch {
	case e.Power != nil:
		return strings.TrimSpace("-- power " + string(e.Power.Action) + " " + e.Power.Reason)
	case e.Command != nil:
		return "> " + strings.ReplaceAll(e.Command.Text, "\n", "\n             ")
	case e.Response != nil:
		var b strings.Builder
		for _, line := range e.Response.Lines {
			fmt.Fprintf(&b, "< %s\n             ", strings.ReplaceAll(line, "\n", "\n             "))
		}
		fmt.Fprintf(&b, "< %s", e.Response.Result)
		if e.Response.Reason != "" {
			fmt.Fprintf(&b, "\n             -- %s", e.Response.Reason)
		}
		return b.String()
	case e.Console != nil:
		return "| " + e.Console.Text
	case e.Board != nil:
		return "-- " + e.Board.Changed
	case e.Program != nil:
		return strings.TrimSpace("-- firmware: " + string(e.Program.Action) + " " + e.Program.Reason)
	case e.Notification != nil:
		return "* " + e.Notification.Text
	case e.Handshake != nil && !e.Handshake.OK:
		return fmt.Sprintf("-- TLS with %s failed: %s", e.Handshake.Peer, e.Handshake.Reason)
	case e.Handshake != nil:
		return "-- TLS with " + e.Handshake.Peer
	}
	return ""
}

// Transcript returns what was said on the port since the modem was started, for people,
// as far as the server has kept it. The caller closes it.
func (c *Client) Transcript(ctx context.Context) (io.ReadCloser, error) {
	return c.do(ctx, "GET", "/v1/transcript", nil)
}
