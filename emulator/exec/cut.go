package exec

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"nrf91emu/emulator/contents"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore/flash"
)

// Cuts is what came of cutting the power during flash steps.
type Cuts struct {
	// Steps are the flash steps, from 1, during each of which the power was to be cut.
	Steps []int `json:"steps"`
	// Runs is how many runs with a cut there were.
	Runs int `json:"runs"`
	// Short is how many came to their end before the step: a certificate for a key of the
	// modem's is not always of the same length.
	Short int `json:"short,omitempty"`
	// Failed is how many of them did not recover, and Failures what was wrong with them:
	// equal ones are told once.
	Failed   int          `json:"failed"`
	Failures []CutFailure `json:"failures"`
	// Skipped says why there was none.
	Skipped string `json:"skipped,omitempty"`
	// Took is how long all of them took, and Median how long one of them did, all its boots
	// together: half of them took no longer.
	Took   time.Duration `json:"took_ns"`
	Median time.Duration `json:"median_ns,omitempty"`
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
	// With a fixed port, or a Link, there is one.
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
// The command's output is passed on for the whole run; that of the others is in what
// fails. Record is called for the events of one run after the other, which have the
// number of their run.
//
// The Result is that of the whole run, and of the cuts. The flash of cfg is left as it
// was.
func Cut(ctx context.Context, cfg Config, opt CutOptions) (*Result, error) {
	if len(cfg.More) > 0 {
		return nil, errors.New("power cuts are made with one device")
	}
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
	if cfg.Record != nil {
		c.Record = func(e *event.Event) {
			kept := *e
			kept.Run = 1
			cfg.Record(&kept)
		}
	}
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
	want, err := contents.Read(whole)
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
	if cfg.fixedPort() {
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
	want  contents.All
}

// A cutRun is one run with a power cut.
type cutRun struct {
	took    time.Duration
	failure *CutFailure    // nil if there is none
	harness *Failure       // the cut could not be made
	short   bool           // the run has ended before the step
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
				run := job.one(ctx, i+2, step)
				free <- job.cfg.guard
				runs[i] <- run
			}()
		}
	}()
	var times []time.Duration
	defer func() { r.Cuts.Median = median(times) }()
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
		if run.short {
			r.Cuts.Short++
			continue
		}
		r.Cuts.Runs++
		times = append(times, run.took)
		if run.failure != nil {
			r.Cuts.add(run.failure)
		}
		if c.cfg.Progress != nil {
			c.cfg.Progress(r.Cuts.Runs, len(runs), r.Cuts.Failed)
		}
	}
}

// median returns the time than which half of them are not longer; 0 of none.
func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[(len(times)-1)/2]
}

// one makes a run with a cut during a step. Its number tells it from others in the record.
func (c cutter) one(ctx context.Context, number, step int) (run cutRun) {
	if ctx.Err() != nil {
		run.harness = interrupted(context.Cause(ctx))
		return run
	}
	cfg := c.cfg
	f, how := c.begin.Clone(), flash.Tear(step%flash.Tears)
	cfg.Device.Flash, cfg.cut = f, cut{step, how, new(story)}
	if cfg.Record != nil {
		cfg.Record = func(e *event.Event) {
			kept := *e
			kept.Run = number
			run.events = append(run.events, &kept)
		}
	}
	began := time.Now()
	r, err := Run(ctx, cfg)
	run.took = time.Since(began)
	switch {
	case ctx.Err() != nil:
		run.harness = interrupted(context.Cause(ctx))
		return run
	case err != nil:
		run.harness = harness(err)
		return run
	case !r.Cut && r.Sound && step-r.Steps <= maxVariation && hasGenerated(c.want):
		run.short = true // certificates for keys of the modem differ by some bytes in length
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
	if run.failure, err = cfg.cut.story.judge(c.want, f, r); err != nil {
		run.harness = harness(err)
	} else if run.failure != nil {
		run.failure.Steps, run.failure.How = []int{step}, how.String()
		if c.cfg.Replay != nil {
			run.failure.Replay = c.cfg.Replay(step)
		}
	}
	return run
}

// maxVariation is by how many flash steps two runs may differ in which a key is made.
const maxVariation = 16

func hasGenerated(all contents.All) bool {
	for _, s := range all {
		if s.Generated {
			return true
		}
	}
	return false
}
