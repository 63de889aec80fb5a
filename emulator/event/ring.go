package event

import "sort"

// Limits of a Ring. The older events go first.
const (
	maxKept   = 16384
	maxMemory = 16 << 20 // bytes, roughly
)

// A Ring holds the last events of a Log, 16384 of them or some 16 MB. It takes memory
// as events come.
type Ring struct {
	log    *Log    // whose lock guards what follows
	slots  []Event // a circle once it has its full length
	first  int     // the oldest event's slot
	count  int
	memory int
	wake   chan struct{} // closed at the next event; nil if nobody waits

	explainer Explainer
	failure   *Failure // the last
	counts    Counts
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
		l.ring = &Ring{log: l}
		l.active.Add(1)
	}
	return l.ring
}

// add takes an event. It is called with the log's lock held.
func (r *Ring) add(e Event) {
	for r.count == maxKept || r.count > 0 && r.memory > maxMemory {
		r.memory -= weight(r.at(0))
		*r.at(0) = Event{}
		r.first = (r.first + 1) % len(r.slots)
		r.count--
	}
	if r.count == len(r.slots) {
		grown := make([]Event, min(max(2*r.count, 2), maxKept)) // idle modems have one or two
		for i := range r.count {
			grown[i] = *r.at(i)
		}
		r.slots, r.first = grown, 0
	}
	r.count++
	kept := r.at(r.count - 1)
	*kept = e
	r.memory += weight(kept)
	r.counts.add(kept)
	if f := r.explainer.Add(kept); f != nil {
		r.failure = f
	}
	if r.wake != nil {
		close(r.wake)
		r.wake = nil
	}
}

// lock takes the log's lock, has what was put off made, and returns what gives it back.
func (r *Ring) lock() (unlock func()) {
	r.log.mu.Lock()
	r.log.settle()
	return r.log.mu.Unlock
}

// at returns event i, where 0 is the oldest.
func (r *Ring) at(i int) *Event {
	if i += r.first; i >= len(r.slots) {
		i -= len(r.slots)
	}
	return &r.slots[i]
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
	defer r.lock()()
	i := sort.Search(r.count, func(i int) bool { return r.at(i).Seq > seq })
	if i < r.count {
		batch := make([]Event, min(r.count-i, maxBatch))
		for j := range batch {
			batch[j] = *r.at(i + j)
		}
		return batch, nil
	}
	if r.wake == nil {
		r.wake = make(chan struct{})
	}
	return nil, r.wake
}

// Before returns the number after which the last n events come, for After.
func (r *Ring) Before(n int) uint64 {
	defer r.lock()()
	switch i := r.count - n; {
	case n <= 0 && r.count > 0:
		return r.at(r.count - 1).Seq
	case i > 0:
		return r.at(i - 1).Seq
	}
	return 0
}

// Failure returns what has failed last, nil if nothing has since the record began.
func (r *Ring) Failure() *Failure {
	defer r.lock()()
	return r.failure
}

// Counts returns how often things have happened since the record began. A nil Ring
// knows of nothing.
func (r *Ring) Counts() Counts {
	if r == nil {
		return Counts{}
	}
	defer r.lock()()
	return r.counts.clone()
}
