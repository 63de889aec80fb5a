package audit

import (
	"fmt"
	"io"

	"nrf91emu/emulator/event"
)

// A Judged is the report of one run and one device of a trace.
type Judged struct {
	Run    int `json:"run,omitempty"`    // from 1; 0 in a trace of one run
	Device int `json:"device,omitempty"` // from 1; 0 in a trace of one device
	// CutStep is the flash step, from 1, in which the run had a planned power cut; 0 for none.
	CutStep int `json:"cut_step,omitempty"`
	*Report
}

// String names it, such as "run 12, power cut during flash step 11"; an empty text is the only
// one there is.
func (j Judged) String() string {
	text := ""
	add := func(format string, n int) {
		if n == 0 {
			return
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf(format, n)
	}
	add("run %d", j.Run)
	add("device %d", j.Device)
	if j.Run > 0 {
		add("power cut during flash step %d", j.CutStep)
	}
	return text
}

// maxDevices bounds how many devices of a run are judged at the same time.
const maxDevices = 1000

// ReadAll judges a trace, as [event.Writer] writes it. It keeps apart the runs and devices in
// it, each of which is judged alone.
func ReadAll(trace io.Reader, opt Options) ([]Judged, error) {
	type pending struct {
		Judged
		audit *Audit
	}
	var open []*pending // the devices of the run in hand
	var done []Judged
	finish := func() {
		for _, p := range open {
			p.Report = p.audit.Report()
			done = append(done, p.Judged)
		}
		open = nil
	}
	for e, err := range event.Read(trace) {
		if err != nil {
			return nil, err
		}
		if len(open) > 0 && open[0].Run != e.Run {
			finish()
		}
		var p *pending
		for _, o := range open {
			if o.Device == e.Device {
				p = o
			}
		}
		if p == nil && len(open) == maxDevices {
			return nil, fmt.Errorf("the trace has more than %d devices in one run: is it a trace of nrf91emu?", maxDevices)
		}
		if p == nil {
			p = &pending{Judged{Run: e.Run, Device: e.Device}, New(opt)}
			open = append(open, p)
		}
		if e.Power != nil && e.Power.Action != event.PowerOn && e.Power.Step > 0 {
			p.CutStep = e.Power.Step
		}
		p.audit.Add(e)
	}
	finish()
	if len(done) == 0 {
		return nil, fmt.Errorf("the trace has no events: nothing can be judged")
	}
	return done, nil
}
