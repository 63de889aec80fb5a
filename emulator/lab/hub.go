package lab

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"slices"
	"sort"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of what a hub keeps for pages that come later or come back.
const (
	maxMessages = 50_000
	maxBytes    = 16 << 20
	maxBatch    = 500
)

// pieces makes text of bytes that come in pieces: a character whose end is still to come is
// kept until then, and what is no text becomes U+FFFD.
type pieces struct{ rest []byte }

func (t *pieces) add(p []byte) string {
	b := append(t.rest, p...)
	end := len(b)
	for i := end - 1; i >= 0 && i > end-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				end = i
			}
			break
		}
	}
	t.rest = slices.Clone(b[end:])
	return string(bytes.ToValidUTF8(b[:end], []byte("\uFFFD")))
}

// A message goes to the page. History kinds are kept in order; of the other kinds
// only the latest counts.
type message struct {
	seq  uint64
	json []byte
}

// A hub is what pages of one seat hear: any number of them, each as fast as it can.
type hub struct {
	mu       sync.Mutex
	id       string   // tells this hub's numbers from another's
	exercise string   // what the history is about
	epoch    int      // counts histories
	journal  *journal // nil if nothing outlives the lab
	seq      uint64
	history  []message
	bytes    int
	cut      bool // the oldest of the history is not kept any more
	latest   map[string]message
	bodies   map[string][]byte // of the latest
	wake     chan struct{}
}

func newHub() *hub {
	return &hub{id: rand.Text(), latest: map[string]message{}, bodies: map[string][]byte{}, wake: make(chan struct{})}
}

// envelope is a message in JSON.
type envelope struct {
	Seq  uint64          `json:"seq"`
	Kind string          `json:"kind"`
	Time int64           `json:"time"` // milliseconds since 1970
	Data json.RawMessage `json:"data"`
}

// add sends something that pages keep.
func (h *hub) add(kind string, data any) { h.send(kind, data, true) }

// setIfNew sends something of which the latest counts, unless it is as it was.
func (h *hub) setIfNew(kind string, data any) { h.send(kind, data, false) }

func (h *hub) send(kind string, data any, keep bool) {
	body, err := json.Marshal(data)
	if err != nil {
		panic(err) // a value of ours that has no JSON
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !keep && bytes.Equal(h.bodies[kind], body) {
		return
	}
	h.seq++
	text, err := json.Marshal(envelope{h.seq, kind, time.Now().UnixMilli(), json.RawMessage(body)})
	if err != nil {
		panic(err)
	}
	m := message{h.seq, text}
	if keep {
		h.history = append(h.history, m)
		h.bytes += len(text)
		if len(h.history) > maxMessages || h.bytes > maxBytes {
			n := len(h.history) / 8
			for _, old := range h.history[:n] {
				h.bytes -= len(old.json)
			}
			h.history, h.cut = slices.Delete(h.history, 0, n), true
		}
	} else {
		h.latest[kind], h.bodies[kind] = m, body
	}
	close(h.wake)
	h.wake = make(chan struct{})
}

// after returns messages that come after a number, in order, and the number to ask
// with next. If there are none it returns a channel that is closed when there are.
func (h *hub) after(seq uint64) ([]message, uint64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := sort.Search(len(h.history), func(i int) bool { return h.history[i].seq > seq })
	end := min(i+maxBatch, len(h.history))
	out := slices.Clone(h.history[i:end])
	next := h.seq
	if end < len(h.history) {
		next = h.history[end-1].seq
	}
	for _, m := range h.latest {
		if m.seq > seq && m.seq <= next {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b message) int { return int(int64(a.seq) - int64(b.seq)) })
	if len(out) > 0 || next != seq {
		return out, next, nil
	}
	return nil, seq, h.wake
}

// all returns the history, and whether its beginning is missing.
func (h *hub) all() (list []message, cut bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.history), h.cut
}

// forget drops the history, when an exercise begins anew.
func (h *hub) forget(exercise string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.history, h.bytes, h.cut, h.exercise = nil, 0, false, exercise
	h.epoch++
	close(h.wake)
	h.wake = make(chan struct{})
}

// from is where a page goes on that has all messages up to a number of the hub with an id;
// anew says that it knows of another hub, or of more than there is here.
func (h *hub) from(id string, since uint64) (next uint64, anew bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id == h.id && since <= h.seq {
		return since, false
	}
	return 0, id != ""
}

// close ends what outlives the lab.
func (h *hub) close() error {
	h.mu.Lock()
	j := h.journal
	h.journal = nil
	h.mu.Unlock()
	if j == nil {
		return nil
	}
	return j.close()
}
