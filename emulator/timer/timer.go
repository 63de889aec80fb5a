package timer

import "time"

// A Group is timers that end together. Everything but the wait itself happens
// with the lock held: the methods of a group and of its timers are called so, and
// so are their functions.
type Group struct {
	run     func(func())
	running []*Timer
	resets  uint64 // how often a timer was started
}

// NewGroup returns a group whose functions are called by run, which takes the
// lock.
func NewGroup(run func(func())) *Group { return &Group{run: run} }

// New returns a timer that calls fn. It does not run until Reset.
func (g *Group) New(fn func()) *Timer { return &Timer{group: g, fn: fn} }

// After calls fn when d has passed, once.
func (g *Group) After(d time.Duration, fn func()) *Timer {
	t := g.New(fn)
	t.Reset(d)
	return t
}

// Stop stops all timers that run. They and new ones may be started afterwards.
func (g *Group) Stop() {
	for len(g.running) > 0 {
		g.running[len(g.running)-1].Stop()
	}
}

// Running returns how many timers run.
func (g *Group) Running() int { return len(g.running) }

// A Timer calls a function later. The nil timer can be stopped.
type Timer struct {
	group *Group
	fn    func()
	timer *time.Timer
	index int // in group.running, plus 1; 0 if the timer does not run
	when  time.Time
	reset uint64 // which of the group's
}

// Reset has the function called when d has passed from now, and not when an
// earlier call of Reset wanted it.
func (t *Timer) Reset(d time.Duration) {
	t.when = time.Now().Add(d)
	t.group.resets++
	t.reset = t.group.resets
	if t.index == 0 {
		t.group.running = append(t.group.running, t)
		t.index = len(t.group.running)
	}
	if t.timer != nil {
		t.timer.Reset(d)
		return
	}
	g := t.group
	t.timer = time.AfterFunc(d, func() { g.run(g.fire) })
}

// Stop stops the timer, if it runs.
func (t *Timer) Stop() {
	if t == nil || t.index == 0 {
		return
	}
	t.timer.Stop()
	t.remove()
}

// fire calls the functions of all timers that are due, in the order of their times, and of
// their starts. Timers fire in goroutines of their own: on a machine with much to do several
// wait for the lock, and get it in any order. It does not call what was stopped or started
// anew since; what these functions start has its own turn.
func (g *Group) fire() {
	now, last := time.Now(), g.resets
	for {
		var next *Timer
		for _, t := range g.running {
			if t.reset <= last && !now.Before(t.when) && (next == nil || t.before(next)) {
				next = t
			}
		}
		if next == nil {
			return
		}
		next.Stop()
		next.fn()
	}
}

func (t *Timer) before(o *Timer) bool {
	if t.when.Equal(o.when) {
		return t.reset < o.reset
	}
	return t.when.Before(o.when)
}

func (t *Timer) remove() {
	running := t.group.running
	last := running[len(running)-1]
	running[t.index-1], last.index = last, t.index
	running[len(running)-1] = nil
	t.group.running = running[:len(running)-1]
	t.index = 0
}
