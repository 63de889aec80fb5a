package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"sync"

	"nrf91emu/emulator/event"
)

// Limits of what is kept for /v1/events. The older events go first.
const (
	maxEvents = 16384
	maxMemory = 16 << 20 // bytes, roughly
)

// errNoRecord is the answer of a device that keeps no record.
var errNoRecord = errors.New("the device was made without an event record")

// A recorder keeps the last events of a device.
type recorder struct {
	log *event.Log

	starting sync.Mutex // guards cancel and ended; never taken by add
	cancel   func()     // ends the subscription; nil while there is none
	ended    bool

	mu     sync.Mutex
	events []event.Event // ascending by Seq
	memory int
	wake   chan struct{} // closed at the next event; nil if nobody waits
}

func newRecorder(log *event.Log) *recorder { return &recorder{log: log} }

// start begins to keep events, if that has not begun. When it returns, events are
// being kept.
func (r *recorder) start() {
	r.starting.Lock()
	defer r.starting.Unlock()
	if r.log != nil && r.cancel == nil && !r.ended {
		r.cancel = r.log.Subscribe(r.add)
	}
}

// stop ends the keeping for good.
func (r *recorder) stop() {
	r.starting.Lock()
	defer r.starting.Unlock()
	r.ended = true
	if r.cancel != nil {
		r.cancel()
	}
}

// add takes an event. It is called with the device's lock held.
func (r *recorder) add(e *event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.events) == maxEvents || r.memory > maxMemory {
		r.forget(maxEvents / 8)
	}
	r.events = append(r.events, *e)
	r.memory += weight(e)
	if r.wake != nil {
		close(r.wake)
		r.wake = nil
	}
}

// forget drops the n oldest events at once, so that dropping costs little for
// each.
func (r *recorder) forget(n int) {
	n = min(n, len(r.events))
	for i := range n {
		r.memory -= weight(&r.events[i])
	}
	r.events = slices.Delete(r.events, 0, n)
}

// weight is about the memory that an event takes, in bytes.
func weight(e *event.Event) int {
	n := 320
	switch {
	case e.Command != nil:
		n += len(e.Command.Text)
	case e.Response != nil:
		for _, line := range e.Response.Lines {
			n += 16 + len(line)
		}
	case e.Notification != nil:
		n += len(e.Notification.Text)
	case e.Credential != nil && e.Credential.Content != nil:
		n += 1024 + len(e.Credential.Content.Text)
	case e.Handshake != nil:
		n += 512 * len(e.Handshake.Chain)
	}
	return n
}

// maxBatch bounds what after copies at a time.
const maxBatch = 256

// after returns events that come after a number. If there are none, it returns
// a channel that is closed when there is one.
func (r *recorder) after(seq uint64) ([]event.Event, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := sort.Search(len(r.events), func(i int) bool { return r.events[i].Seq > seq })
	if i < len(r.events) {
		return slices.Clone(r.events[i:min(i+maxBatch, len(r.events))]), nil
	}
	if r.wake == nil {
		r.wake = make(chan struct{})
	}
	return nil, r.wake
}

// Events returns events that come after a number, some of them, oldest first; none
// if there are no more. See Record.
func (s *Server) Events(since uint64) []event.Event {
	events, _ := s.events.after(since)
	return events
}

// getEvents streams events as JSON Lines, as [event.Writer] writes them.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) error {
	if s.device.Log() == nil {
		return errNoRecord
	}
	var since uint64
	var follow bool
	var err error
	query := r.URL.Query()
	if text := query.Get("since"); text != "" {
		if since, err = strconv.ParseUint(text, 10, 64); err != nil {
			return bad("since=%q is not the number of an event: use 0 or more", text)
		}
	}
	if text := query.Get("follow"); text != "" {
		if follow, err = strconv.ParseBool(text); err != nil {
			return bad("follow=%q is neither true nor false", text)
		}
	}
	s.events.start()
	w.Header().Set("Content-Type", "application/jsonl")
	w.WriteHeader(http.StatusOK)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	out := http.NewResponseController(w)
	for {
		batch, wake := s.events.after(since)
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
		case <-r.Context().Done():
			return nil
		}
	}
}
