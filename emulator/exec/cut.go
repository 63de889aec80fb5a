package exec

import (
	"bytes"
	"context"
	"fmt"

	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A CutResult is what came of cutting the power during flash steps.
type CutResult struct {
	// Whole is the run without a cut, to which the others are compared.
	Whole *Result
	// Cuts is how many runs with a cut there were. A run that did not come to the
	// step, because the command does not do the same each time, is not among them.
	Cuts int
	// Failures are those that did not recover.
	Failures []CutFailure
}

// A CutFailure is a run with a cut after which all was not well.
type CutFailure struct {
	Step   int    // flash step during which the power was cut, from 1
	How    string // how far the step got
	Reason string
	Result *Result // of the run; nil if it could not be finished
}

// Cut runs the command without a cut, and then again from the same beginning with
// the power cut during flash step n, or in turn during each one that the whole run
// takes if n is 0. After the cut the device starts again and the command with it,
// as often as the whole run did. A run has recovered when the command ends well,
// nothing is judged an error, and the store holds what it holds after the whole
// run. How far the step gets that is cut changes from step to step, through all
// that the flash knows.
//
// The flash of cfg is left as it was.
func Cut(ctx context.Context, cfg Config, n int) (*CutResult, error) {
	begin := cfg.Device.Flash
	if begin == nil {
		var err error
		if begin, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	run := func(f *flash.Flash, cut cut) (*Result, error) {
		c := cfg
		c.Device.Flash, c.cut = f, cut
		return Run(ctx, c)
	}
	whole := begin.Clone()
	r := &CutResult{}
	var err error
	if r.Whole, err = run(whole, cut{}); err != nil || r.Whole.Exit != 0 {
		return r, err
	}
	want, err := contents(whole)
	if err != nil {
		return nil, err
	}
	first, last := n, n
	if n == 0 {
		first, last = 1, r.Whole.Steps
	}
	if n > r.Whole.Steps {
		return nil, fmt.Errorf("the command takes %d flash steps, so the power cannot be cut during step %d", r.Whole.Steps, n)
	}
	for step := first; step <= last; step++ {
		f := begin.Clone()
		how := flash.Tear(step % flash.Tears)
		result, err := run(f, cut{step, how})
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if result == nil || result.Cut {
			r.Cuts++
		}
		failure := CutFailure{Step: step, How: how.String(), Result: result}
		if failure.Reason, err = compare(f, want, result, err); err != nil {
			return nil, err
		}
		if failure.Reason != "" {
			r.Failures = append(r.Failures, failure)
		}
	}
	return r, nil
}

// compare says why a run has not recovered, or returns an empty string.
func compare(f *flash.Flash, want map[keystore.Key][]byte, r *Result, runErr error) (string, error) {
	if runErr != nil {
		return runErr.Error(), nil
	}
	if r.Exit != 0 {
		return fmt.Sprintf("the command failed with exit code %d in boot %d", r.Exit, r.Failed), nil
	}
	if !r.Report.Sound {
		return "the provisioning of the boots after the cut is not sound", nil
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
