package fault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
)

// maxFaults bounds the faults of a Set (chosen).
const maxFaults = 100

// ErrNoFault is returned for the number of a fault that is not in the set.
var ErrNoFault = errors.New("there is no such fault")

// A Set is the faults that have been asked for, for one device. It acts on the
// ports that [Wrap] puts it in front of. It may be used by several goroutines at
// once.
type Set struct {
	device *emulator.Device
	seed   uint64
	// active is set while a fault may still happen.
	active atomic.Bool

	mu     sync.Mutex // never held while the device or a port is called
	faults []*armed
	last   int // number given last
	closed bool
}

// armed is a fault in a set.
type armed struct {
	counter
	id   int
	spec Spec
	act  action
	boot int // of the last boot counted

	// undo ends what the fault has brought about. timer calls it in time; spell
	// counts its settings, so that one which fires while it is set anew does nothing.
	undo  func()
	timer *time.Timer
	spell int
	gone  bool // removed
}

// NewSeed returns a seed that is easy to type.
func NewSeed() uint64 { return rand.Uint64N(1_000_000) }

// NewSet returns a set without faults. With the same seed, the same faults added in
// the same order and the same traffic, the same goes wrong.
func NewSet(d *emulator.Device, seed uint64) *Set { return &Set{device: d, seed: seed} }

// Seed returns the seed.
func (s *Set) Seed() uint64 { return s.seed }

// A Status is a fault in a set, and what has become of it.
type Status struct {
	ID       int // from 1, for Remove
	Spec     Spec
	Seen     int  // opportunities so far
	Happened int  // how often it has happened
	Done     bool // it does not happen any more
}

// Add adds a fault and returns its number. It counts opportunities from now on; a
// fault that counts boots begins with the next one.
func (s *Set) Add(spec Spec) (id int, err error) {
	k, v, err := spec.resolve()
	if err != nil {
		return 0, err
	}
	boot := s.device.Boot()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, emulator.ErrClosed
	case len(s.faults) == maxFaults:
		return 0, fmt.Errorf("there are %d faults already; remove some", maxFaults)
	}
	s.last++
	f := &armed{id: s.last, spec: spec, act: k.arm(v), boot: boot}
	f.counter = counter{Rule: v.rule(), random: rand.New(rand.NewPCG(s.seed, uint64(f.id)))}
	s.faults = append(s.faults, f)
	s.active.Store(true)
	return f.id, nil
}

// Remove takes a fault out and ends what it has brought about. The error is
// ErrNoFault.
func (s *Set) Remove(id int) error {
	s.mu.Lock()
	for i, f := range s.faults {
		if f.id == id {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			s.settle()
			f.gone = true
			if f.timer != nil {
				f.timer.Stop()
			}
			spell := f.spell
			s.mu.Unlock()
			s.end(f, spell)
			return nil
		}
	}
	s.mu.Unlock()
	return fmt.Errorf("%w: number %d", ErrNoFault, id)
}

// Clear removes all faults.
func (s *Set) Clear() {
	for _, f := range s.Faults() {
		s.Remove(f.ID) // another caller may have been quicker
	}
}

// Faults returns what is in the set, in the order in which it was added.
func (s *Set) Faults() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Status, len(s.faults))
	for i, f := range s.faults {
		list[i] = Status{ID: f.id, Spec: f.spec, Seen: f.seen, Happened: f.hits, Done: f.spent()}
	}
	return list
}

// Close takes all faults out and leaves the device as it is. Nothing of the set
// happens afterwards.
func (s *Set) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		f.gone, f.undo = true, nil
		if f.timer != nil {
			f.timer.Stop()
		}
	}
	s.faults, s.closed = nil, true
	s.active.Store(false)
}

// settle finds out whether anything may still happen. The caller holds the lock.
func (s *Set) settle() {
	for _, f := range s.faults {
		if !f.spent() {
			s.active.Store(true)
			return
		}
	}
	s.active.Store(false)
}

// waits reports whether a fault counts such opportunities. The caller holds the
// lock.
func (s *Set) waits(on Opportunity, to Direction) bool {
	for _, f := range s.faults {
		if !f.spent() && f.act.on == on && f.act.to == to {
			return true
		}
	}
	return false
}

// meet lets the faults that are due happen at an opportunity, and returns what they
// do to the device. The caller holds the lock.
func (s *Set) meet(on Opportunity, to Direction, m *moment, where func() string) (deeds []func()) {
	for _, f := range s.faults {
		if f.act.on != on || f.act.to != to || f.spent() {
			continue
		}
		if on == EachBoot {
			if m.boot == f.boot {
				continue
			}
			f.boot = m.boot
		}
		if !f.next() {
			continue
		}
		m.random, m.where, m.do = f.random, where(), nil
		if what := f.act.happen(m); what != "" {
			s.tell(f, what)
		}
		if do := m.do; do != nil {
			deeds = append(deeds, func() { s.carryOut(f, do) })
		}
		s.settle()
	}
	return deeds
}

// tell records that a fault has happened.
func (s *Set) tell(f *armed, what string) {
	s.device.Log().Add(event.Event{Fault: &event.Fault{Name: f.spec.Name, Detail: what}})
}

// carryOut does to the device what a fault wants.
func (s *Set) carryOut(f *armed, do deed) {
	what, lasts, undo := do(s.device)
	s.tell(f, what)
	if undo == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.undo == nil {
		f.undo = undo // otherwise it goes on, and the first one knows how it was before
	}
	f.spell++
	if f.timer != nil {
		f.timer.Stop()
	}
	switch spell := f.spell; {
	case s.closed:
		f.undo = nil
	case f.gone: // removed meanwhile: it ends at once
		f.timer = time.AfterFunc(0, func() { s.end(f, spell) })
	case lasts > 0:
		f.timer = time.AfterFunc(lasts, func() { s.end(f, spell) })
	}
}

// end ends what a fault has brought about, if it is still the same spell.
func (s *Set) end(f *armed, spell int) {
	s.mu.Lock()
	var undo func()
	if f.spell == spell {
		undo, f.undo = f.undo, nil
	}
	s.mu.Unlock()
	if undo != nil {
		undo()
	}
}
