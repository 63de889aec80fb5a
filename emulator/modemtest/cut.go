package modemtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"nrf91emu/emulator/contents"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// plannedCut is a power cut that outlives power cycles, at a flash step.
type plannedCut struct {
	step  int // from 1, of all that come
	how   flash.Tear
	begin uint64 // steps of the flash before
	done  bool
}

// powerOn gives the device power, with a cut that is still to come.
func (m *Modem) powerOn() error {
	f := m.Config.Flash
	if c := m.cut; c != nil && !c.done && !m.device.On() {
		// A power-on takes a plan back, so it comes first; the device's own then does
		// nothing to the flash.
		f.PowerOn()
		f.CutAt(c.step-1-int(f.Steps()-c.begin), c.how)
	}
	err := m.device.PowerOn()
	if m.cut != nil && errors.Is(err, flash.ErrPowerCut) {
		return nil // a boot like others that were cut short
	}
	return err
}

// CutEvery runs firmware in a test with the power cut during every flash step that it
// takes, one after the other, each time from the same beginning. After the cut the
// modem starts again and run is called again, until it comes through or has failed three times. It
// has recovered when run returns no error, nothing is judged an error, and the store
// holds what it holds after a run without a cut; of a key that the modem itself makes, and
// of the client certificate beside it, that they are there. Otherwise the test fails, after all steps, with what went wrong in which.
//
// When the power goes, ctx ends and the ports of m are closed, as those of a board that
// is unplugged; run is to give up then, and its error does not count. So it returns
// errors and does not end the test by itself. It opens its port anew at each call, by
// [Modem.Port], [Modem.Path] or [Modem.Client], and may cycle the power by itself.
//
// Options are as for New. A run without a cut comes first: if that is not well, the test
// ends. So does it if run takes no flash step, since then nothing can be cut.
func CutEvery(t testing.TB, run func(ctx context.Context, m *Modem) error, options ...func(*Modem)) {
	t.Helper()
	s := search{t: t, run: run, template: NewUnstarted(t)}
	for _, set := range options {
		set(s.template)
	}
	if err := s.begin(); err != nil {
		t.Fatalf("modemtest: %v", err)
	}
	steps := s.whole()
	for step := 1; step <= steps; step++ {
		s.once(step)
	}
	s.conclude(steps)
}

// search is one CutEvery.
type search struct {
	t        testing.TB
	run      func(context.Context, *Modem) error
	template *Modem
	flash    *flash.Flash // as it is at the beginning
	want     contents.All // in the end, without a cut
	failures []cutFailure
	log      string // of the first failure
}

// A cutFailure is a run that has not recovered.
type cutFailure struct {
	step          int
	how           flash.Tear
	where, reason string
}

// begin takes the flash of the template apart from it.
func (s *search) begin() error {
	m := s.template
	if err := m.complete(); err != nil {
		return err
	}
	s.flash = m.Config.Flash.Clone()
	if m.flash != nil {
		return m.flash.Close()
	}
	return nil
}

// modem returns a modem as the template is, and starts it.
func (s *search) modem(step int) *Modem {
	from := s.template
	m := &Modem{
		Config: from.Config, FlashOptions: from.FlashOptions, Stored: from.Stored, Audit: from.Audit,
		Faults: from.Faults, Seed: from.Seed, OnNotification: from.OnNotification, Servers: from.Servers, t: s.t,
	}
	m.Config.Flash, m.Config.Log = s.flash.Clone(), &event.Log{ShowSecrets: from.Config.Log.ShowSecrets}
	m.start()
	from.Seed = m.Seed // every run has the same faults
	m.cut = &plannedCut{step: step, how: flash.Tear(step % flash.Tears), begin: m.Config.Flash.Steps(), done: step == 0}
	if step > 0 {
		m.CutAt(step-1, m.cut.how)
	}
	return m
}

// whole makes the run without a cut and returns how many flash steps it takes.
func (s *search) whole() int {
	s.t.Helper()
	m := s.modem(0)
	defer m.Close()
	err := s.run(context.Background(), m)
	taken := m.steps()
	if err != nil {
		s.t.Fatalf("modemtest: the run without a power cut failed: %v\n%s", err, m.last())
	}
	if r := m.Report(); !r.Sound {
		s.t.Fatalf("modemtest: the run without a power cut is not well\n%s", findings(r))
	}
	if taken == 0 {
		s.t.Fatal("modemtest: the run takes no flash step, so there is none to cut the power in")
	}
	if s.want, err = m.contents(); err != nil {
		s.t.Fatalf("modemtest: %v", err)
	}
	return taken
}

// maxStarts bounds how often a run is started again after its cut.
const maxStarts = 3

// once makes the run with the power cut during a step.
func (s *search) once(step int) {
	s.t.Helper()
	m := s.modem(step)
	defer m.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	over := false
	remove := m.device.OnPowerLoss(func() {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			cancel()
			m.unplug()
		}
	})
	err := s.run(ctx, m)
	mu.Lock()
	over = true // what comes now is not for this port
	mu.Unlock()
	remove()
	m.unplug()
	if !m.watch.wasCut() {
		s.fail(m, step, "", fmt.Sprintf("the run came to its end after %d steps, before the cut: it does not do the same each time (its error: %v)", m.steps(), err))
		return
	}
	m.cut.done = true
	where := m.where()
	for range maxStarts {
		m.PowerOn()
		if err = s.run(context.Background(), m); err == nil {
			break
		}
		m.unplug()
		m.PowerCut()
	}
	if err != nil {
		s.fail(m, step, where, fmt.Sprintf("it failed at each of %d starts after the cut: %v", maxStarts, err))
		return
	}
	got, err := m.contents()
	if err != nil {
		s.fail(m, step, where, err.Error())
		return
	}
	if diffs := contents.Compare(s.want, got); len(diffs) > 0 {
		s.fail(m, step, where, diffs[0].String())
		return
	}
	if r := m.Report(); !r.Sound {
		s.fail(m, step, where, strings.TrimPrefix(findings(r), "modemtest: "))
	}
}

// steps returns how many flash steps there were since the run began.
func (m *Modem) steps() (n int) {
	m.device.Bench().Inspect(func(_ *keystore.Store, f *flash.Flash) { n = int(f.Steps() - m.cut.begin) })
	return n
}

// where says during which command the power was cut.
func (m *Modem) where() string {
	events := m.watch.all()
	for i := len(events) - 1; i >= 0; i-- {
		switch e := &events[i]; {
		case e.Command != nil:
			first, _, _ := strings.Cut(e.Command.Text, "\n")
			return fmt.Sprintf(" (in boot %d, exchange %d: %s)", e.Boot, e.Command.ID, first)
		case e.Response != nil, e.Power != nil && e.Power.Action == event.PowerOn:
			return fmt.Sprintf(" (in boot %d, outside any command)", e.Boot)
		}
	}
	return ""
}

func (s *search) fail(m *Modem, step int, where, reason string) {
	if len(s.failures) == 0 {
		s.log = m.last()
	}
	s.failures = append(s.failures, cutFailure{step, flash.Tear(step % flash.Tears), where, reason})
}

// contents returns what the modem stores.
func (m *Modem) contents() (all contents.All, err error) {
	m.device.Bench().Inspect(func(_ *keystore.Store, f *flash.Flash) { all, err = contents.Read(f) })
	return all, err
}

// maxFolded is how many different failures a test is told.
const maxFolded = 10

// conclude fails the test if a run has not recovered. Equal failures, one step after the
// other, are told once.
func (s *search) conclude(steps int) {
	s.t.Helper()
	if len(s.failures) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "modemtest: after %d of %d power cuts not all was well", len(s.failures), steps)
	told := 0
	for first := 0; first < len(s.failures); told++ {
		f := s.failures[first]
		last := first
		for last+1 < len(s.failures) && s.failures[last+1].step == s.failures[last].step+1 &&
			s.failures[last+1].reason == f.reason && s.failures[last+1].where == f.where {
			last++
		}
		if told == maxFolded {
			b.WriteString("\n  and more")
			break
		}
		if last > first {
			fmt.Fprintf(&b, "\n  cut during each of the flash steps %d to %d%s: %s", f.step, s.failures[last].step, f.where, f.reason)
		} else {
			fmt.Fprintf(&b, "\n  cut during flash step %d (%v)%s: %s", f.step, f.how, f.where, f.reason)
		}
		first = last + 1
	}
	if s.log != "" {
		fmt.Fprintf(&b, "\nwhat happened last at the modem in the first of them:\n%s", s.log)
	}
	s.t.Error(b.String())
}
