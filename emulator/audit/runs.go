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
	// Open is whether the record ends while the modem is on: it may go on elsewhere.
	Open bool `json:"open,omitempty"`
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
// it, each of which is judged alone. A trace in which events are missing is an error, since what
// is not there would be taken for restraint.
func ReadAll(trace io.Reader, opt Options) ([]Judged, error) {
	type pending struct {
		Judged
		audit *Audit
		last  uint64 // number of the last event
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
	n := 0
	for e, err := range event.Read(trace) {
		if err != nil {
			return nil, err
		}
		if n++; *e == (event.Event{Seq: e.Seq, Time: e.Time, Boot: e.Boot, Run: e.Run, Device: e.Device}) {
			return nil, fmt.Errorf("event %d of the trace says nothing that this version understands: is it a trace of nrf91emu, of this version or an older one?", n)
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
			p = &pending{Judged: Judged{Run: e.Run, Device: e.Device}, audit: New(opt)}
			open = append(open, p)
		}
		if err := follows(p.last, e.Seq); err != nil {
			return nil, err
		}
		p.last = e.Seq
		if e.Power != nil {
			p.Open = e.Power.Action != event.PowerOff && e.Power.Action != event.PowerCut
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

// follows returns an error if an event does not come next after another; 0 is before the first
// one, or an event without a number.
func follows(last, next uint64) error {
	switch {
	case next == last+1 || next == 0 && last == 0:
		return nil
	case next > last+2:
		return fmt.Errorf("events %d to %d are missing in the trace, so that it cannot be judged", last+1, next-1)
	case next > last:
		return fmt.Errorf("event %d is missing in the trace, so that it cannot be judged", last+1)
	case next == 1:
		return fmt.Errorf("after event %d the trace begins anew: judge one record at a time", last)
	}
	return fmt.Errorf("event %d of the trace comes after event %d: the order is not that of the record", next, last)
}
