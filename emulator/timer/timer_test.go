package timer_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"nrf91emu/emulator/timer"
)

// A lock is held by who has sent to it: time goes on in a bubble while somebody
// waits for a channel, but not while he waits for a mutex.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

func (l lock) run(fn func()) {
	l.Lock()
	defer l.Unlock()
	fn()
}

func TestTimers(t *testing.T) {
	tests := []struct {
		name string
		do   func(g *timer.Group, tm *timer.Timer)
		want []time.Duration // when the timer fires
	}{
		{"never started", func(*timer.Group, *timer.Timer) {}, nil},
		{"once", func(_ *timer.Group, tm *timer.Timer) { tm.Reset(time.Second) }, []time.Duration{time.Second}},
		{"at once", func(_ *timer.Group, tm *timer.Timer) { tm.Reset(0) }, []time.Duration{0}},
		{"later than wanted first", func(_ *timer.Group, tm *timer.Timer) { tm.Reset(time.Second); tm.Reset(time.Minute) }, []time.Duration{time.Minute}},
		{"sooner than wanted first", func(_ *timer.Group, tm *timer.Timer) { tm.Reset(time.Minute); tm.Reset(time.Second) }, []time.Duration{time.Second}},
		{"stopped", func(_ *timer.Group, tm *timer.Timer) { tm.Reset(time.Second); tm.Stop(); tm.Stop() }, nil},
		{"stopped and started", func(_ *timer.Group, tm *timer.Timer) { tm.Reset(time.Second); tm.Stop(); tm.Reset(time.Hour) }, []time.Duration{time.Hour}},
		{"stopped with its group", func(g *timer.Group, tm *timer.Timer) {
			g.After(time.Second, func() { t.Error("a timer of a stopped group fired") })
			tm.Reset(time.Second)
			g.After(time.Second, func() { t.Error("a timer of a stopped group fired") })
			g.Stop()
		}, nil},
		{"started after its group was stopped", func(g *timer.Group, tm *timer.Timer) { g.Stop(); tm.Reset(time.Second) }, []time.Duration{time.Second}},
		{"one of three stopped", func(g *timer.Group, tm *timer.Timer) {
			g.After(time.Second, func() {})
			tm.Reset(time.Second)
			g.After(time.Second, func() {})
			tm.Stop()
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLock()
				var got []time.Duration
				begin := time.Now()
				g := timer.NewGroup(l.run)
				tm := g.New(func() { got = append(got, time.Since(begin)) })
				l.run(func() { test.do(g, tm) })
				time.Sleep(2 * time.Hour)
				l.run(func() {
					if !slices.Equal(got, test.want) {
						t.Errorf("fired at %v, want %v", got, test.want)
					}
					if g.Running() != 0 {
						t.Errorf("%d timers still run", g.Running())
					}
				})
			})
		})
	}
}

// TestFiredAndWaiting has timers fire while the lock is held, and then stops them
// or starts them anew.
func TestFiredAndWaiting(t *testing.T) {
	for _, again := range []time.Duration{-1, 0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			l := newLock()
			var got []time.Duration
			begin := time.Now()
			g := timer.NewGroup(l.run)
			l.Lock()
			tm := g.After(time.Second, func() { got = append(got, time.Since(begin)) })
			time.Sleep(time.Minute) // it has fired, and waits
			var want []time.Duration
			if again < 0 {
				tm.Stop()
			} else {
				tm.Reset(again)
				want = append(want, time.Minute+again)
			}
			l.Unlock()
			time.Sleep(2 * time.Hour)
			if l.Lock(); !slices.Equal(got, want) {
				t.Errorf("again after %v: fired at %v, want %v", again, got, want)
			}
			l.Unlock()
		})
	}
}

// TestLate has several timers become due before any of them gets the lock, and gives it to them
// in the wrong order.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLock()
		var waiting []func()
		g := timer.NewGroup(func(fn func()) { l.run(func() { waiting = append(waiting, fn) }) })
		var got []string
		later := func(name string, d time.Duration) *timer.Timer {
			return g.After(d, func() { got = append(got, name) })
		}
		later("third", 3*time.Second)
		later("first", time.Second)
		later("second", 2*time.Second)
		moved := later("second, started later", time.Second)
		moved.Reset(2 * time.Second)
		later("stopped", time.Second).Stop()
		later("not yet", time.Hour)
		g.After(2500*time.Millisecond, func() { later("from within", 0) })
		for range 10 {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		l.Lock()
		for _, fn := range slices.Backward(waiting) {
			fn()
		}
		l.Unlock()
		want := []string{"first", "second", "second, started later", "third", "from within"}
		if !slices.Equal(got, want) {
			t.Errorf("fired %q, want %q", got, want)
		}
		g.Stop()
	})
}

// TestFromWithin starts a timer anew, and stops all, from its own function.
func TestFromWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLock()
		n := 0
		g := timer.NewGroup(l.run)
		var tm *timer.Timer
		tm = g.New(func() {
			if n++; n < 3 {
				tm.Reset(time.Second)
			} else {
				g.Stop()
			}
		})
		l.run(func() { tm.Reset(time.Second) })
		time.Sleep(time.Minute)
		if l.Lock(); n != 3 || g.Running() != 0 {
			t.Errorf("fired %d times, %d run; want 3 and 0", n, g.Running())
		}
		l.Unlock()
	})
}
