package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"nrf91emu/emulator/event"
)

// errNoRecord is the answer of a device that keeps no record.
var errNoRecord = errors.New("the device was made without an event record")

// Events returns events that come after a number, some of them, oldest first; none
// if there are no more.
func (s *Server) Events(since uint64) []event.Event {
	if s.ring == nil {
		return nil
	}
	events, _ := s.ring.After(since)
	return events
}

// getWhy tells what has failed last.
func (s *Server) getWhy(w http.ResponseWriter, _ *http.Request) error {
	if s.ring == nil {
		return errNoRecord
	}
	return reply(w, Why{s.ring.Failure()})
}

// Why is what has failed last in a device, as far as its record knows.
type Why struct {
	Failure *event.Failure `json:"failure"` // nil if nothing has
}

// getEvents streams events as JSON Lines, as [event.Writer] writes them.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) error {
	if s.ring == nil {
		return errNoRecord
	}
	var since uint64
	var last int
	var follow bool
	var err error
	query := r.URL.Query()
	if text := query.Get("since"); text != "" {
		if since, err = strconv.ParseUint(text, 10, 64); err != nil {
			return bad("since=%q is not the number of an event: use 0 or more", text)
		}
	}
	if text := query.Get("last"); text != "" {
		if last, err = strconv.Atoi(text); err != nil || last < 0 {
			return bad("last=%q is not a number of events: use 0 or more", text)
		}
		since = max(since, s.ring.Before(last))
	}
	if text := query.Get("follow"); text != "" {
		if follow, err = strconv.ParseBool(text); err != nil {
			return bad("follow=%q is neither true nor false", text)
		}
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.WriteHeader(http.StatusOK)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	out := http.NewResponseController(w)
	for {
		batch, wake := s.ring.After(since)
		for i := range batch {
			if err := enc.Encode(&batch[i]); err != nil {
				return ignore(err)
			}
			since = batch[i].Seq
		}
		if len(batch) > 0 {
			continue
		}
		if !follow || out.Flush() != nil {
			return nil
		}
		select {
		case <-wake:
		case <-s.closed:
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}
