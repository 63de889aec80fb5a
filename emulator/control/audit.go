package control

import (
	"context"
	"net/http"
	"sync"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// Audit is what the judge says to what has happened so far.
type Audit struct {
	*audit.Report
	// Missed is how many events the judge has not seen, since they were not kept until
	// somebody asked.
	Missed uint64 `json:"missed,omitempty"`
}

// Judge has the server tell what fn returns, where somebody else judges the device; it
// judges the record itself otherwise, once it is asked. Call it before the server is used.
func (s *Server) Judge(fn func() *audit.Report) { s.judge = fn }

func (s *Server) getAudit(w http.ResponseWriter, _ *http.Request) error {
	if s.judge != nil {
		return reply(w, Audit{Report: s.judge()})
	}
	if s.ring == nil {
		return errNoRecord
	}
	return reply(w, s.follower.look(s.ring))
}

// A follower judges a record when it is asked, so that a device of which nobody asks
// costs nothing.
type follower struct {
	mu     sync.Mutex
	audit  *audit.Audit // nil before the first question
	heard  uint64       // the last event's number
	missed uint64
}

func (f *follower) look(ring *event.Ring) Audit {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.audit == nil {
		f.audit = audit.New(audit.Options{})
	}
	for {
		events, _ := ring.After(f.heard)
		if len(events) == 0 {
			return Audit{f.audit.Report(), f.missed}
		}
		for i := range events {
			f.missed += events[i].Seq - f.heard - 1
			f.heard = events[i].Seq
			f.audit.Add(&events[i])
		}
	}
}

// Audit returns what the judge says to what has happened so far.
func (c *Client) Audit(ctx context.Context) (*Audit, error) {
	a := new(Audit)
	return a, c.call(ctx, "GET", "/v1/audit", nil, a)
}
