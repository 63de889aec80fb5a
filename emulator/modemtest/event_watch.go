package modemtest

import (
	"slices"
	"sync"

	"nrf91emu/emulator/event"
)

// maxEvents bounds what a watch keeps.
const maxEvents = 1 << 16

// watch keeps the events of a modem.
type watch struct {
	cancel func()

	mu      sync.Mutex
	events  []event.Event
	explain event.Explainer
	failure *event.Failure // the last
	running *event.Command // that has no response yet
	changed chan struct{}  // holds a token when running has changed
	off     chan struct{}  // closed while the modem has no power
	cut     bool           // a planned power cut has happened
}

// start begins to keep what log records, and to hand it to judge.
func (w *watch) start(log *event.Log, judge func(*event.Event)) {
	w.changed, w.off = make(chan struct{}, 1), make(chan struct{})
	close(w.off)
	w.cancel = log.Subscribe(func(e *event.Event) {
		w.add(e)
		judge(e)
	})
}

func (w *watch) add(e *event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) == maxEvents {
		w.events = slices.Delete(w.events, 0, maxEvents/4)
	}
	w.events = append(w.events, *e)
	if f := w.explain.Add(e); f != nil {
		w.failure = f
	}
	if e.Power != nil {
		w.power(e.Power.Action)
		w.cut = w.cut || e.Power.Step > 0
	}
	switch {
	case e.Command != nil:
		w.running = e.Command
	case e.Response != nil, e.Power != nil:
		w.running = nil
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
}

// power follows the supply. The caller holds the lock.
func (w *watch) power(action event.PowerAction) {
	switch action {
	case event.PowerOn:
		w.off = make(chan struct{})
	case event.PowerOff, event.PowerCut:
		select {
		case <-w.off:
		default:
			close(w.off)
		}
	}
}

func (w *watch) noPower() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.off
}

// wasCut reports whether a planned power cut has happened.
func (w *watch) wasCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut
}

func (w *watch) all() []event.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events)
}

// command returns the command line in hand, or "".
func (w *watch) command() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running == nil {
		return ""
	}
	return w.running.Text
}

// lastFailure returns what has failed last, nil if nothing has.
func (w *watch) lastFailure() *event.Failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure
}
