package exec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Cuts is what came of cutting the power during flash steps.
type Cuts struct {
	// First and Last are the flash steps, from 1, during each of which the power was to
	// be cut.
	First int `json:"first"`
	Last  int `json:"last"`
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
	Result *Result `json:"-"` // of the run; nil if it could not be begun
}

// Cut runs the command without a cut, and then again from the same beginning with
// the power cut during flash step n, or in turn during each one that the whole run
// takes if n is 0. After the cut the device starts again and the command with it,
// as often as the whole run did. A run has recovered when the command ends well,
// nothing is judged an error, and the store holds what it holds after the whole
// run. How far the step gets that is cut changes from step to step, through all
// that the flash knows. If the whole run has an error the power is not cut.
//
// The Result is that of the whole run, and of the cuts. The flash of cfg is left as it
// was.
func Cut(ctx context.Context, cfg Config, n int) (*Result, error) {
	begin := cfg.Device.Flash
	if begin == nil {
		var err error
		if begin, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	guard, err := newGuard()
	if err != nil {
		return nil, err
	}
	defer guard.dismiss()
	cfg.guard = guard
	run := func(f *flash.Flash, cut cut) (*Result, error) {
		c := cfg
		c.Device.Flash, c.cut = f, cut
		return Run(ctx, c)
	}
	whole := begin.Clone()
	r, err := run(whole, cut{})
	if err != nil {
		return nil, err
	}
	r.Cuts = &Cuts{First: n, Last: n, Failures: []CutFailure{}}
	if n == 0 {
		r.Cuts.First, r.Cuts.Last = 1, r.Steps
	}
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
		r.fail(*harness(err))
		return r, nil
	case n > r.Steps:
		r.Cuts.Skipped = fmt.Sprintf("the command takes %s, so the power cannot be cut during step %d", count(r.Steps, "flash step"), n)
		r.fail(*harness(errors.New(r.Cuts.Skipped)))
		return r, nil
	case r.Steps == 0:
		r.Cuts.Skipped = "the command takes no flash step, so there is none to cut the power in"
		r.fail(*harness(errors.New(r.Cuts.Skipped)))
		return r, nil
	}
	for step := r.Cuts.First; step <= r.Cuts.Last; step++ {
		f := begin.Clone()
		how := flash.Tear(step % flash.Tears)
		result, err := run(f, cut{step, how})
		if ctx.Err() != nil {
			r.fail(*interrupted(context.Cause(ctx)))
			break
		}
		if err == nil && !result.Cut {
			f := Failure{
				Kind: KindHarness, ExitCode: ExitHarness,
				What: fmt.Sprintf("the power was to be cut during flash step %d, and the run came to an end after %d", step, result.Steps),
				Fix:  "The command must do the same each time that it starts from the same flash.",
			}
			for _, why := range result.Failures {
				f.Why = append(f.Why, "in that run "+why.What)
			}
			r.fail(f)
			break
		}
		r.Cuts.Runs++
		failure := CutFailure{Step: step, How: how.String(), Result: result}
		if failure.Reason, err = compare(f, want, result, err); err != nil {
			r.fail(*harness(err))
			break
		}
		if failure.Reason != "" {
			r.Cuts.Failures = append(r.Cuts.Failures, failure)
		}
	}
	if n := len(r.Cuts.Failures); n > 0 {
		f := Failure{
			Kind: KindPowerCut, ExitCode: ExitFindings,
			What: fmt.Sprintf("after %d of %s not all was well", n, count(r.Cuts.Runs, "power cut")),
		}
		for i, c := range r.Cuts.Failures {
			if i == maxShown {
				f.Why = append(f.Why, fmt.Sprintf("and %d more", n-i))
				break
			}
			f.Why = append(f.Why, c.String())
		}
		r.fail(f)
	}
	return r, nil
}

// maxShown is how many power cuts a person is told of.
const maxShown = 10

// String returns such as "cut during flash step 5 (half programmed): ...".
func (c CutFailure) String() string {
	return fmt.Sprintf("cut during flash step %d (%s): %s", c.Step, c.How, c.Reason)
}

// compare says why a run has not recovered, or returns an empty string.
func compare(f *flash.Flash, want map[keystore.Key][]byte, r *Result, runErr error) (string, error) {
	if runErr != nil {
		return runErr.Error(), nil
	}
	if !r.Sound {
		return r.Failures[0].What, nil
	}
	got, err := contents(f)
	if err != nil {
		return "", err
	}
	for k, content := range want {
		if !bytes.Equal(got[k], content) {
			return fmt.Sprintf("tag %d, %v does not hold in the end what it does without a cut", k.SecTag, k.Type), nil
		}
		delete(got, k)
	}
	for k := range got {
		return fmt.Sprintf("tag %d, %v is there in the end and would not be without a cut", k.SecTag, k.Type), nil
	}
	return "", nil
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
