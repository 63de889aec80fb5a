package event

import (
	"slices"
	"sort"
	"sync"
)

// Limits of a Ring. The older events go first.
const (
	maxKept   = 16384
	maxMemory = 16 << 20 // bytes, roughly
)

// A Ring holds the last events of a Log, 16384 of them or some 16 MB. It takes memory
// as events come.
type Ring struct {
	mu     sync.Mutex
	events []Event // ascending by Seq
	memory int
	wake   chan struct{} // closed at the next event; nil if nobody waits

	explainer Explainer
	failure   *Failure // the last
	counter   Counter
}

// Keep has the log keep what happens from now on, if it does not yet, and returns where
// it is kept: the same Ring at each call. A nil Log keeps nothing; its Ring is nil.
func (l *Log) Keep() *Ring {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ring == nil {
		l.ring = new(Ring)
		l.subs = append(l.subs, &subscription{l.ring.add})
		l.active.Add(1)
	}
	return l.ring
}

// add takes an event. It is called with the log's lock held.
func (r *Ring) add(e *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.events) == maxKept || r.memory > maxMemory {
		r.forget(maxKept / 8)
	}
	r.events = append(r.events, *e)
	r.memory += weight(e)
	r.counter.Add(e)
	if f := r.explainer.Add(e); f != nil {
		r.failure = f
	}
	if r.wake != nil {
		close(r.wake)
		r.wake = nil
	}
}

// forget drops the n oldest events at once, so that dropping costs little for each.
func (r *Ring) forget(n int) {
	n = min(n, len(r.events))
	for i := range n {
		r.memory -= weight(&r.events[i])
	}
	r.events = slices.Delete(r.events, 0, n)
}

// weight is about the memory that an event takes, in bytes.
func weight(e *Event) int {
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
	case e.Console != nil:
		n += len(e.Console.Text)
	case e.Credential != nil && e.Credential.Content != nil:
		n += 1024 + len(e.Credential.Content.Text)
	case e.Handshake != nil:
		n += 512 * len(e.Handshake.Chain)
	}
	return n
}

// maxBatch bounds what After copies at a time.
const maxBatch = 256

// After returns events that come after a number, oldest first, some of them if there
// are many. If there are none, it returns a channel that is closed when there is one.
// A jump in Seq shows that some are missing.
func (r *Ring) After(seq uint64) ([]Event, <-chan struct{}) {
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

// Before returns the number after which the last n events come, for After.
func (r *Ring) Before(n int) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch i := len(r.events) - n; {
	case n <= 0 && len(r.events) > 0:
		return r.events[len(r.events)-1].Seq
	case i > 0:
		return r.events[i-1].Seq
	}
	return 0
}

// Failure returns what has failed last, nil if nothing has since the record began.
func (r *Ring) Failure() *Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

// Counts returns how often things have happened since the record began. A nil Ring
// knows of nothing.
func (r *Ring) Counts() Counts {
	if r == nil {
		return Counts{}
	}
	return r.counter.Counts()
}
