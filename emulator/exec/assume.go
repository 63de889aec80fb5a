package exec

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/audit/junit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore/flash"
)

// Assumed is what came of running the command under answers to what no source settles.
type Assumed struct {
	// Questions are those whose answers were tried; Fixed are the answers to others.
	Questions []string   `json:"questions,omitempty"`
	Fixed     assume.Set `json:"fixed,omitempty"`
	// Combinations is how many of the answers there are. A run stands for all that
	// differ in questions only which it has not met.
	Combinations int          `json:"combinations"`
	Runs         []AssumedRun `json:"runs,omitempty"`
	// Depends are the questions on which the verdict or the findings hang.
	Depends []string      `json:"depends,omitempty"`
	Took    time.Duration `json:"took_ns"`
}

// An AssumedRun is a run under some answers.
type AssumedRun struct {
	Answers      assume.Set `json:"answers"`      // to the questions that it has met
	Combinations int        `json:"combinations"` // that it stands for
	Verdict      Kind       `json:"verdict"`
	Sound        bool       `json:"sound"`
	Rules        []string   `json:"rules,omitempty"` // with errors
	Why          []string   `json:"why,omitempty"`   // what is wrong
	Result       *Result    `json:"-"`
}

// assumption is a run to make, or one that was made.
type assumption struct {
	answers assume.Set // those that make it another run than others
	parent  *assumption
	changed string // the question in which it differs from its parent
	number  int    // of the run, from 1
	met     []string
	result  *Result
	events  []*event.Event
}

// Assume runs the command with each combination of answers that the plan names, so many
// at the same time as opt.Jobs says, each with the flash as it is at the beginning. It
// begins with the emulator's own answers; each run tells which of the questions it has
// met, and only the other answers to these make further runs. The Result is that of the
// first run, and of what came of the others. The flash of cfg is left as it was.
func Assume(ctx context.Context, cfg Config, plan *assume.Plan, jobs int) (*Result, error) {
	begin := cfg.Device.Flash
	if begin == nil {
		var err error
		if begin, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	if jobs < 1 {
		jobs = runtime.NumCPU()
	}
	if cfg.fixedPort() {
		jobs = 1
	}
	c := assumer{cfg: cfg, begin: begin, plan: plan}
	root := &assumption{answers: assume.Set{}, number: 1}
	if err := c.run(ctx, root); err != nil {
		return nil, err
	}
	r := root.result
	a := &Assumed{Questions: plan.Vary, Fixed: plan.Fixed, Combinations: plan.Combinations()}
	r.Assumed = a
	began := time.Now()
	defer func() { a.Took = time.Since(began) }()
	root.record(cfg.Record)
	if stopped(r) {
		return r, nil
	}
	c.cfg.Stdout, c.cfg.Stderr = nil, nil
	all := []*assumption{root}
	for wave := root.others(); len(wave) > 0; {
		for i, n := range wave {
			n.number = len(all) + i + 1
		}
		if err := c.wave(ctx, wave, jobs); err != nil {
			r.Fail(err)
			return r, nil
		}
		var next []*assumption
		for _, n := range wave {
			n.record(cfg.Record)
			if stopped(n.result) {
				r.fail(n.result.Failures[0])
				return r, nil
			}
			next = append(next, n.others()...)
		}
		all = append(all, wave...)
		wave = next
	}
	a.conclude(all, plan)
	r.tellAssumed()
	return r, nil
}

// record hands over the events of a run, which are not kept any longer; to may be nil.
func (n *assumption) record(to func(*event.Event)) {
	for _, e := range n.events {
		to(e)
	}
	n.events = nil
}

// stopped reports whether a run says nothing of the command.
func stopped(r *Result) bool {
	return len(r.Failures) > 0 && (r.Failures[0].Kind == KindHarness || r.Failures[0].Kind == KindInterrupted)
}

// assumer makes the runs of Assume.
type assumer struct {
	cfg   Config
	begin *flash.Flash
	plan  *assume.Plan
}

// wave makes runs, so many at the same time.
func (c assumer) wave(ctx context.Context, runs []*assumption, jobs int) error {
	slots := make(chan struct{}, jobs)
	errs := make(chan error, len(runs))
	for _, n := range runs {
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs <- c.run(ctx, n)
		}()
	}
	var all []error
	for range runs {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// run makes one run.
func (c assumer) run(ctx context.Context, n *assumption) error {
	if ctx.Err() != nil {
		n.result = &Result{}
		n.result.fail(*interrupted(context.Cause(ctx)))
		return nil
	}
	cfg := c.cfg
	cfg.Device.Flash, cfg.More = c.begin, slices.Clone(cfg.More)
	for _, d := range append([]*emulator.Config{&cfg.Device}, pointers(cfg.More)...) {
		p := d.Profile
		if p == nil {
			usual, err := profile.Lookup(profile.Default)
			if err != nil {
				return err
			}
			p = &usual
		}
		changed := *p
		c.plan.Fixed.Apply(&changed)
		n.answers.Apply(&changed)
		d.Profile = &changed
		if d.Flash != nil {
			d.Flash = d.Flash.Clone()
		}
	}
	watch := assume.NewWatch(c.plan.Vary)
	record := cfg.Record != nil
	cfg.Record = func(e *event.Event) {
		watch.Add(e)
		if record {
			kept := *e
			kept.Run = n.number
			n.events = append(n.events, &kept)
		}
	}
	var err error
	if n.result, err = Run(ctx, cfg); err != nil {
		return err
	}
	n.met = watch.Met()
	return nil
}

func pointers(list []emulator.Config) []*emulator.Config {
	var all []*emulator.Config
	for i := range list {
		all = append(all, &list[i])
	}
	return all
}

// others returns the runs that differ from this one in a question that it has met.
func (n *assumption) others() []*assumption {
	var list []*assumption
	answers := maps.Clone(n.answers)
	for _, q := range n.met {
		if _, fixed := n.answers[q]; fixed {
			continue
		}
		for _, other := range assume.Other(q, assume.First(q)) {
			with := maps.Clone(answers)
			with[q] = other
			list = append(list, &assumption{answers: with, parent: n, changed: q})
		}
		answers[q] = assume.First(q)
	}
	return list
}

// conclude notes what came of all runs.
func (a *Assumed) conclude(all []*assumption, plan *assume.Plan) {
	depends := map[string]bool{}
	for _, n := range all {
		run := AssumedRun{
			Answers: maps.Clone(n.answers), Combinations: 1,
			Verdict: n.result.Verdict, Sound: n.result.Sound, Rules: n.result.errorRules(), Result: n.result,
		}
		for _, q := range n.met {
			if _, fixed := run.Answers[q]; !fixed {
				run.Answers[q] = assume.First(q)
			}
		}
		for _, q := range plan.Vary {
			if _, met := run.Answers[q]; !met {
				run.Combinations *= assume.Count(q)
			}
		}
		for _, f := range n.result.Failures {
			if f.Kind != KindFindings {
				run.Why = append(run.Why, f.What)
			}
		}
		if n.result.Report != nil {
			for _, f := range n.result.Findings {
				if f.Level == audit.Error {
					run.Why = append(run.Why, strings.TrimSuffix(fmt.Sprintf("%s %s: %s: %s", f.Rule, f.Name, f.Credential(), f.What), "."))
				}
			}
		}
		a.Runs = append(a.Runs, run)
		if n.parent != nil && n.outcome() != n.parent.outcome() {
			depends[n.changed] = true
		}
	}
	for _, q := range plan.Vary {
		if depends[q] {
			a.Depends = append(a.Depends, q)
		}
	}
}

// outcome is what two runs must have in common to be taken for the same.
func (n *assumption) outcome() string {
	return string(n.result.Verdict) + " " + strings.Join(n.result.errorRules(), " ")
}

// errorRules returns the rules that have found an error, in order.
func (r *Result) errorRules() []string {
	var rules []string
	if r.Report == nil {
		return nil
	}
	for _, f := range r.Findings {
		if f.Level == audit.Error && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return rules
}

// sound returns for how many combinations all was well.
func (a *Assumed) sound() int {
	n := 0
	for _, run := range a.Runs {
		if run.Sound {
			n += run.Combinations
		}
	}
	return n
}

// String says what came of it, in a sentence for each thing on which it hangs.
func (a *Assumed) String() string {
	var fixed string
	if len(a.Fixed) > 0 {
		fixed = "Assumed: " + a.Fixed.String() + "."
	}
	if len(a.Runs) == 0 {
		return fixed
	}
	lines := []string{a.verdict()}
	for _, run := range a.Runs {
		if len(a.Depends) > 0 && !run.Sound {
			lines = append(lines, "    "+run.String())
		}
	}
	if fixed != "" {
		lines = append(lines, fixed)
	}
	return strings.Join(lines, "\n")
}

// verdict is one line.
func (a *Assumed) verdict() string {
	runs := fmt.Sprintf("%s made", count(len(a.Runs), "run"))
	sound := a.sound()
	switch {
	case len(a.Depends) > 0:
		var names []string
		for _, q := range a.Depends {
			names = append(names, "`"+q+"`")
		}
		return fmt.Sprintf("Assumptions: depends on %s: sound under %d of %d (%s).", strings.Join(names, " and "), sound, a.Combinations, runs)
	case sound == a.Combinations:
		return fmt.Sprintf("Assumptions: sound under all %d (%s).", a.Combinations, runs)
	}
	return fmt.Sprintf("Assumptions: not sound under any of %d (%s).", a.Combinations, runs)
}

// String says what is wrong under the answers of a run.
func (run AssumedRun) String() string {
	if run.Sound {
		return run.name() + ": sound"
	}
	why := strings.Join(run.Why, "; ")
	if why == "" {
		why = string(run.Verdict)
	}
	return run.name() + ": " + why
}

// name is the answers in words.
func (run AssumedRun) name() string {
	var words []string
	for _, q := range slices.Sorted(maps.Keys(run.Answers)) {
		words = append(words, q+"="+run.Answers[q])
	}
	if len(words) == 0 {
		return "whatever the answers"
	}
	return strings.Join(words, " ")
}

// tellAssumed makes a failure of what hangs on an answer.
func (r *Result) tellAssumed() {
	a := r.Assumed
	if len(a.Depends) == 0 {
		return // all are as the first, whose failures stand already
	}
	if a.sound() == a.Combinations {
		return
	}
	f := Failure{
		Kind: KindAssumption, ExitCode: ExitFindings, What: strings.TrimSuffix(strings.TrimPrefix(a.verdict(), "Assumptions: "), "."),
		Fix: "Write firmware that is sound whatever the answer; or let nrf91emu vectors --answers ask the modem itself, and give the file to --assume.",
	}
	for _, run := range a.Runs {
		if !run.Sound {
			f.Why = append(f.Why, run.String())
		}
	}
	r.fail(f)
}

// cases are the runs as test cases.
func (a *Assumed) cases(name string) []junit.Case {
	var cases []junit.Case
	for _, run := range a.Runs {
		c := junit.Case{Class: name + ".assumption", Name: run.name(), Out: fmt.Sprintf("%d of %d combinations\n", run.Combinations, a.Combinations)}
		if !run.Sound {
			c.Failure = &junit.Problem{Type: string(KindAssumption), Message: printable(strings.Join(run.Why, "; ")), Text: printable(run.String()) + "\n"}
		}
		cases = append(cases, c)
	}
	return cases
}
