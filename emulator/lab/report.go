package lab

import (
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// A SeatReport is how far a student is, for the teacher.
type SeatReport struct {
	Seat     int          `json:"seat"`
	IMEI     string       `json:"imei"`
	Exercise string       `json:"exercise"` // the title
	Time     time.Time    `json:"time"`
	Steps    []StepReport `json:"steps"`
	Done     int          `json:"done"` // how many of the steps
	// Stuck is since when no further step was done; zero when all are.
	Stuck    time.Time        `json:"stuck,omitzero"`
	Boots    int              `json:"boots"`
	Findings []*audit.Finding `json:"findings"`
}

// A StepReport is how one step stands.
type StepReport struct {
	Title string `json:"title"`
	Done  bool   `json:"done"`
}

// Report tells how far the student is.
func (s *Seat) Report() SeatReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := SeatReport{
		Seat: s.N, IMEI: s.device.Identity().IMEI, Exercise: s.exercise.Title, Time: time.Now(),
		Boots: s.world.boots, Findings: s.audit.Report().Findings, Stuck: s.stuck,
	}
	for i, step := range s.exercise.Steps {
		r.Steps = append(r.Steps, StepReport{step.Title, s.done[i]})
		if s.done[i] {
			r.Done++
		}
	}
	if r.Done == len(r.Steps) {
		r.Stuck = time.Time{}
	}
	return r
}

// reportPage is the report as one file that needs nothing else.
var reportPage = template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{.Exercise}}: seat {{.Seat}}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}li.done::marker{content:"✓ "}li::marker{content:"○ "}small{color:#555}</style>
<h1>{{.Exercise}}</h1>
<p>Seat {{.Seat}}, IMEI {{.IMEI}}, {{.Time.Format "2006-01-02 15:04"}}: <strong>{{.Done}} of {{len .Steps}} steps done</strong>, {{.Boots}} starts of the device.</p>
<h2>Steps</h2><ul>{{range .Steps}}<li{{if .Done}} class="done"{{end}}>{{.Title}}</li>{{end}}</ul>
<h2>What the judge says</h2>
{{if .Findings}}<ul>{{range .Findings}}<li><strong>{{.Rule}} {{.Name}}</strong> ({{.Level}}): {{.What}} <small>{{.Fix}}</small></li>{{end}}</ul>{{else}}<p>Nothing to object to.</p>{{end}}
</html>
`))

// getReportJSON gives out the report for programs.
func (s *Seat) getReportJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Disposition", `attachment; filename="report.json"`)
	reply(w, s.Report())
}

// getReportHTML gives out the report for people.
func (s *Seat) getReportHTML(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="report.html"`)
	reportPage.Execute(w, s.Report())
}

// getTranscript gives out what was said on the port, with keys masked, as the
// record has it.
func (s *Seat) getTranscript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="transcript.txt"`)
	fmt.Fprintf(w, "%s behind %s, IMEI %s\n", s.device.Profile().Name, s.device.Dialect().Name, s.device.Identity().IMEI)
	s.writeTranscript(w, 0)
}

// writeTranscript writes what came after an event.
func (s *Seat) writeTranscript(w io.Writer, since uint64) {
	for {
		events := s.api.Events(since)
		if len(events) == 0 {
			return
		}
		for i := range events {
			e := &events[i]
			since = e.Seq
			if text := transcriptLine(e); text != "" {
				fmt.Fprintf(w, "%s %s\n", e.Time.Format("15:04:05.000"), text)
			}
		}
	}
}

// transcriptLine puts an event into words; "" for one that was not on the port.
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

// A ClassReport is where everybody stands.
type ClassReport struct {
	Seats []SeatReport `json:"seats"`
}

// getClass tells the teacher where everybody stands.
func (l *Lab) getClass(w http.ResponseWriter, _ *http.Request) {
	var c ClassReport
	for _, s := range l.seats {
		r := s.Report()
		r.Findings = nil
		c.Seats = append(c.Seats, r)
	}
	reply(w, c)
}
