package exec

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Cuts is what came of cutting the power during flash steps.
type Cuts struct {
	// Steps are the flash steps, from 1, during each of which the power was to be cut.
	Steps []int `json:"steps"`
	// Runs is how many runs with a cut there were.
	Runs int `json:"runs"`
	// Failures are those that did not recover.
	Failures []CutFailure `json:"failures"`
	// Skipped says why there was none.
	Skipped string        `json:"skipped,omitempty"`
	Took    time.Duration `json:"took_ns"`
}

// A CutFailure is a run with a cut after which all was not well.
type CutFailure struct {
	Step   int     `json:"step"` // flash step during which the power was cut, from 1
	How    string  `json:"how"`  // how far the step got
	Reason string  `json:"reason"`
	Result *Result `json:"-"` // of the run
}

// CutOptions say in which flash steps the power is cut. The zero value is each one that
// the run without cuts takes.
type CutOptions struct {
	// Step is the only one, from 1.
	Step int
	// Sample is how many are drawn by chance, with Seed; all if there are not as many.
	Sample int
	Seed   uint64
	// Jobs is how many runs there are at the same time; 0 is one for each processor.
	// With a Link there is one.
	Jobs int
}

// steps returns the steps, in order, of a run that takes so many.
func (o CutOptions) steps(taken int) []int {
	if o.Step > 0 {
		return []int{o.Step}
	}
	n := taken
	if o.Sample > 0 {
		n = min(o.Sample, taken)
	}
	steps := rand.New(rand.NewPCG(o.Seed, 0)).Perm(taken)[:n]
	for i := range steps {
		steps[i]++
	}
	slices.Sort(steps)
	return steps
}

// Cut runs the command without a cut, and then again from the same beginning with
// the power cut during each flash step that the options name in turn. After the cut
// the device starts again and the command with it, as often as the whole run did. A run
// has recovered when the command ends well, nothing is judged an error, and the store
// holds what it holds after the whole run. How far the step gets that is cut changes
// from step to step, through all that the flash knows. If the whole run has an error
// the power is not cut.
//
// The command's output is passed on for the whole run; that of the others is in the
// Results of the failures. Record is called for the events of one run after the other.
//
// The Result is that of the whole run, and of the cuts. The flash of cfg is left as it
// was.
func Cut(ctx context.Context, cfg Config, opt CutOptions) (*Result, error) {
	begin := cfg.Device.Flash
	if begin == nil {
		var err error
		if begin, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	whole := begin.Clone()
	c := cfg
	c.Device.Flash = whole
	r, err := Run(ctx, c)
	if err != nil {
		return nil, err
	}
	r.Cuts = &Cuts{Steps: []int{}, Failures: []CutFailure{}}
	defer func() {
		r.Cuts.Took = time.Since(r.Started) - r.Took
		r.Took += r.Cuts.Took
	}()
	if !r.Sound {
		r.Cuts.Skipped = "the run without power cuts is not good, so none were made"
		return r, nil
	}
	want, err := contents(whole)
	switch {
	case err != nil:
		r.Fail(err)
		return r, nil
	case opt.Step > r.Steps:
		r.Cuts.Skipped = fmt.Sprintf("the command takes %s, so the power cannot be cut during step %d", count(r.Steps, "flash step"), opt.Step)
	case r.Steps == 0:
		r.Cuts.Skipped = "the command takes no flash step, so there is none to cut the power in"
	}
	if r.Cuts.Skipped != "" {
		r.Fail(errors.New(r.Cuts.Skipped))
		return r, nil
	}
	r.Cuts.Steps = opt.steps(r.Steps)
	cfg.Stdout, cfg.Stderr = nil, nil
	jobs := opt.Jobs
	if jobs < 1 {
		jobs = runtime.NumCPU()
	}
	if cfg.Link != "" {
		jobs = 1
	}
	cutter{cfg: cfg, begin: begin, want: want}.all(ctx, r, jobs)
	r.tellCuts()
	return r, nil
}

// A cutter makes runs with power cuts.
type cutter struct {
	cfg   Config
	begin *flash.Flash
	want  map[keystore.Key][]byte
}

// A cutRun is one run with a power cut.
type cutRun struct {
	failure CutFailure     // Reason is empty if there is none
	harness *Failure       // the cut could not be made
	events  []*event.Event // for Config.Record
}

// all makes all runs, so many at the same time, and notes what came of them in the
// order of the steps.
func (c cutter) all(ctx context.Context, r *Result, jobs int) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	runs := make([]chan cutRun, len(r.Cuts.Steps))
	// Each job has a guard, which watches one command after the other: to start one
	// takes as long as a boot.
	free := make(chan *guard, jobs)
	for range min(jobs, len(runs)) {
		g, err := newGuard()
		if err != nil {
			r.Fail(err)
			return
		}
		defer g.dismiss()
		free <- g
	}
	for i := range runs {
		runs[i] = make(chan cutRun, 1)
	}
	go func() {
		for i, step := range r.Cuts.Steps {
			job := c
			job.cfg.guard = <-free
			go func() {
				run := job.one(ctx, step)
				free <- job.cfg.guard
				runs[i] <- run
			}()
		}
	}()
	for _, done := range runs {
		run := <-done // all of them, also once it is over: no run outlives Cut
		if len(r.Failures) > 0 {
			continue
		}
		for _, e := range run.events {
			c.cfg.Record(e)
		}
		if run.harness != nil {
			r.fail(*run.harness)
			stop(errors.New(run.harness.What))
			continue
		}
		r.Cuts.Runs++
		if run.failure.Reason != "" {
			r.Cuts.Failures = append(r.Cuts.Failures, run.failure)
		}
	}
}

// one makes a run with a cut during a step.
func (c cutter) one(ctx context.Context, step int) (run cutRun) {
	if ctx.Err() != nil {
		run.harness = interrupted(context.Cause(ctx))
		return run
	}
	cfg := c.cfg
	f, how := c.begin.Clone(), flash.Tear(step%flash.Tears)
	cfg.Device.Flash, cfg.cut = f, cut{step, how}
	if cfg.Record != nil {
		cfg.Record = func(e *event.Event) {
			kept := *e
			run.events = append(run.events, &kept)
		}
	}
	r, err := Run(ctx, cfg)
	switch {
	case ctx.Err() != nil:
		run.harness = interrupted(context.Cause(ctx))
		return run
	case err != nil:
		run.harness = harness(err)
		return run
	case !r.Cut:
		run.harness = &Failure{
			Kind: KindHarness, ExitCode: ExitHarness,
			What: fmt.Sprintf("the power was to be cut during flash step %d, and the run came to an end after %d", step, r.Steps),
			Fix:  "The command must do the same each time that it starts from the same flash.",
		}
		for _, why := range r.Failures {
			run.harness.Why = append(run.harness.Why, "in that run "+why.What)
		}
		return run
	}
	run.failure = CutFailure{Step: step, How: how.String(), Result: r}
	if run.failure.Reason, err = compare(f, c.want, r); err != nil {
		run.harness = harness(err)
	}
	return run
}

// tellCuts notes that there are runs that have not recovered. Equal ones with one step
// after the other are told once.
func (r *Result) tellCuts() {
	all := r.Cuts.Failures
	if len(all) == 0 {
		return
	}
	f := Failure{
		Kind: KindPowerCut, ExitCode: ExitFindings,
		What: fmt.Sprintf("after %d of %s not all was well", len(all), count(r.Cuts.Runs, "power cut")),
		Fix:  fmt.Sprintf("Ask for each credential whether it is there, and not for one that stands for all. --power-cut %d repeats the first.", all[0].Step),
	}
	for first := 0; first < len(all); {
		last := first
		for last+1 < len(all) && all[last+1].Step == all[last].Step+1 && all[last+1].Reason == all[first].Reason {
			last++
		}
		if len(f.Why) == maxShown {
			f.Why = append(f.Why, "and more")
			break
		}
		where := fmt.Sprintf("cut during flash step %d (%s)", all[first].Step, all[first].How)
		if last > first {
			where = fmt.Sprintf("cut during each of flash steps %d to %d", all[first].Step, all[last].Step)
		}
		f.Why = append(f.Why, where+": "+all[first].Reason)
		first = last + 1
	}
	r.fail(f)
}

// maxShown is how many different failures after power cuts a person is told of.
const maxShown = 10

// compare says why a run has not recovered, or returns an empty string.
func compare(f *flash.Flash, want map[keystore.Key][]byte, r *Result) (string, error) {
	if !r.Sound {
		return r.Failures[0].What, nil
	}
	got, err := contents(f)
	if err != nil {
		return "", err
	}
	for _, k := range sortedKeys(want) {
		content := want[k]
		if !bytes.Equal(got[k], content) {
			return fmt.Sprintf("tag %d, %v does not hold in the end what it does without a cut", k.SecTag, k.Type), nil
		}
		delete(got, k)
	}
	for _, k := range sortedKeys(got) {
		return fmt.Sprintf("tag %d, %v is there in the end and would not be without a cut", k.SecTag, k.Type), nil
	}
	return "", nil
}

// sortedKeys makes a report not depend on chance.
func sortedKeys(m map[keystore.Key][]byte) []keystore.Key {
	return slices.SortedFunc(maps.Keys(m), func(a, b keystore.Key) int {
		return cmp.Or(cmp.Compare(a.SecTag, b.SecTag), cmp.Compare(a.Type, b.Type))
	})
}

// contents reads all credentials in a flash.
func contents(f *flash.Flash) (map[keystore.Key][]byte, error) {
	f = f.Clone()
	f.PowerOn()
	store, err := keystore.Open(f, keystore.Rules{}, nil)
	if err != nil {
		return nil, err
	}
	all := make(map[keystore.Key][]byte)
	for e := range store.All() {
		if all[e.Key], err = store.Secret(e.Key); err != nil {
			return nil, err
		}
	}
	return all, nil
}
