package lab

import (
	"html/template"
	"net/http"
	"sync"
	"time"

	"nrf91emu/emulator/audit"
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
	// Page is the path of the seat's page; for the teacher alone.
	Page string `json:"page,omitempty"`
}

// A StepReport is how one step stands.
type StepReport struct {
	Title string `json:"title"`
	Done  bool   `json:"done"`
	Why   string `json:"why,omitempty"` // what is missing, in words
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
		r.Steps = append(r.Steps, StepReport{step.Title, s.done[i], s.why[i]})
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
var reportPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{{.Exercise}}: seat {{.Seat}}</title>
<style>
:root{color-scheme:light dark;--muted:#5a6675;--line:#d8dde4;--good:#1a7f4b;--bad:#b3261e;--warn:#8a5a00}
@media (prefers-color-scheme:dark){:root{--muted:#9aa6b4;--line:#303946;--good:#5fd39a;--bad:#ff8a80;--warn:#f2c14e}body{background:#12161c;color:#e4e9ef}}
body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}
p{margin:.3rem 0}.muted{color:var(--muted)}.sum{font-size:1.1rem}
ul{list-style:none;margin:0;padding:0}li{border-top:1px solid var(--line);padding:.4rem 0 .4rem 1.8rem;position:relative}
li::before{content:"○";position:absolute;left:.3rem;color:var(--muted)}li.done::before{content:"✓";color:var(--good)}
li.error::before{content:"✗";color:var(--bad)}li.warning::before{content:"!";color:var(--warn);font-weight:700}
@media print{body{margin:0;background:#fff;color:#000}}
</style>
<h1>{{.Exercise}}</h1>
<p class="muted">Seat {{.Seat}}, IMEI {{.IMEI}}, {{.Time.Format "2006-01-02 15:04"}}</p>
<p class="sum"><strong>{{.Done}} of {{len .Steps}} steps done</strong>, {{.Boots}} {{if eq .Boots 1}}start{{else}}starts{{end}} of the device.</p>
<h2>Steps</h2><ul>{{range .Steps}}<li{{if .Done}} class="done"{{end}}>{{.Title}}{{if not .Done}} <span class="muted">(open{{with .Why}}: {{.}}{{end}})</span>{{end}}</li>{{end}}</ul>
<h2>What the judge says</h2>
{{if .Findings}}<ul>{{range .Findings}}<li class="{{.Level}}"><strong>{{.Title}}</strong> <span class="muted">{{.Rule}} {{.Name}}, {{.Level}}</span><p>{{.What}}</p><p class="muted">{{.Fix}}</p></li>{{end}}</ul>{{else}}<p>Nothing to object to.</p>{{end}}
</html>
`))
})

// getReportJSON gives out the report for programs.
func (s *Seat) getReportJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Disposition", `attachment; filename="report.json"`)
	reply(w, s.Report())
}

// getReportHTML gives out the report for people.
func (s *Seat) getReportHTML(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="report.html"`)
	reportPage().Execute(w, s.Report())
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
		r.Findings, r.Page = nil, s.PagePath()
		c.Seats = append(c.Seats, r)
	}
	reply(w, c)
}
