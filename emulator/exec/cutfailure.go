package exec

import (
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/contents"
	"nrf91emu/emulator/firmware"
	"nrf91emu/keystore/flash"
)

// A CutFailure is a run with a power cut after which all was not well, or several that are
// alike but for the flash step.
type CutFailure struct {
	// Steps are the flash steps, from 1, in order, and How is how far the first of them got.
	Steps []int  `json:"steps"`
	How   string `json:"how"`
	// Boot and Exchange are where the power went, Command what was being done, in its
	// beginning, and During the same in words. Exchange is 0 if it was before the first.
	Boot     int    `json:"boot"`
	Exchange int    `json:"exchange,omitempty"`
	Command  string `json:"command,omitempty"`
	During   string `json:"during"`
	// AfterRestart is what the store held when the device started again, AtEnd in the end,
	// and Next what the firmware did in between.
	AfterRestart string `json:"after_restart"`
	Next         string `json:"next"`
	AtEnd        string `json:"at_end"`
	// Reason is what is wrong, Fix how to mend it, and Replay a command line that repeats
	// the first of them.
	Reason string `json:"reason"`
	Fix    string `json:"fix"`
	Replay string `json:"replay,omitempty"`
	// Boots are those of the first of them, and Findings what the judge says of it.
	Boots []Boot `json:"boots"`
}

// judge says what is wrong after a run with a cut, whose flash is f; nil if nothing is.
func (s *story) judge(want contents.All, f *flash.Flash, r *Result) (*CutFailure, error) {
	got, err := contents.Read(f)
	if err != nil {
		return nil, err
	}
	diffs := contents.Compare(want, got)
	if r.Sound && len(diffs) == 0 {
		return nil, nil
	}
	after := "what the modem cannot read"
	if all, err := contents.Read(s.after); err == nil {
		after = all.String()
	}
	c := &CutFailure{
		Boot: s.boot, Exchange: s.exchange, Command: s.text, During: s.during,
		AfterRestart: after, Next: s.next(), AtEnd: got.String(), Boots: r.Boots,
	}
	if !r.Sound {
		c.Reason, c.Fix = r.Failures[0].What, r.cureFailed()
	}
	if len(diffs) > 0 {
		var words []string
		for _, d := range diffs {
			words = append(words, d.String())
		}
		c.Reason = strings.TrimPrefix(c.Reason+"; "+strings.Join(words, "; "), "; ")
		if c.Fix == "" || r.Failures[0].Kind == KindExpectation {
			c.Fix = s.cure(diffs[0])
		}
	}
	return c, nil
}

// cureFailed says what to do about a run that has failed after a cut.
func (r *Result) cureFailed() string {
	switch r.Verdict {
	case KindFindings:
		f := r.Findings[0] // the worst
		if len(f.Places) > 0 {
			return fmt.Sprintf("%s (%s, %s)", f.Fix, f.Rule+" "+f.Name, f.Places[0])
		}
		return f.Fix
	case KindCommand:
		return "The command must be able to start from whatever the power cut has left in the store; what it printed says why it gave up."
	case KindTimeout:
		return "The command must be able to start from whatever the power cut has left in the store; the end of its output says what it waited for."
	}
	if f := r.Failures[0].Fix; f != "" {
		return f
	}
	return "Look at this run alone."
}

// alike reports whether two failures are the same but for the step.
func (c *CutFailure) alike(o *CutFailure) bool {
	return c.Boot == o.Boot && c.Exchange == o.Exchange && c.Command == o.Command && c.During == o.During &&
		c.AfterRestart == o.AfterRestart && c.Next == o.Next && c.AtEnd == o.AtEnd && c.Reason == o.Reason && c.Fix == o.Fix
}

// add notes a failure; the steps come in order.
func (c *Cuts) add(f *CutFailure) {
	c.Failed++
	for i := range c.Failures {
		if c.Failures[i].alike(f) {
			c.Failures[i].Steps = append(c.Failures[i].Steps, f.Steps...)
			return
		}
	}
	c.Failures = append(c.Failures, *f)
}

// ranges returns such as "flash step 3" or "flash steps 3 to 7 and 9".
func ranges(steps []int) string {
	var words []string
	for i := 0; i < len(steps); {
		last := i
		for last+1 < len(steps) && steps[last+1] == steps[last]+1 {
			last++
		}
		word := fmt.Sprint(steps[i])
		if last > i {
			word += fmt.Sprintf(" to %d", steps[last])
		}
		words, i = append(words, word), last+1
	}
	text := "flash step "
	if len(steps) > 1 {
		text = "flash steps "
	}
	n := len(words) - 1
	if n == 0 {
		return text + words[0]
	}
	return text + strings.Join(words[:n], ", ") + " and " + words[n]
}

// failure returns it as one of the Result.
func (c *CutFailure) failure() Failure {
	where := fmt.Sprintf("boot %d", c.Boot)
	if c.Exchange > 0 {
		where += fmt.Sprintf(", exchange %d: %s", c.Exchange, c.Command)
	}
	f := Failure{
		Kind: KindPowerCut, ExitCode: ExitFindings, Fix: c.Fix,
		What: fmt.Sprintf("power cut during %s, %s: %s", ranges(c.Steps), c.During, c.Reason),
		Why: []string{
			where,
			fmt.Sprintf("how far step %d got: %s", c.Steps[0], c.How),
			"after the restart the store held " + c.AfterRestart,
			"then the firmware did: " + c.Next,
			"at the end the store held " + c.AtEnd,
		},
	}
	if c.Replay != "" {
		f.Why = append(f.Why, "again: "+c.Replay)
	}
	if n := len(c.Boots); n > 0 {
		b := c.Boots[n-1]
		f.Why = append(f.Why, tail("standard output", b.Stdout)...)
		f.Why = append(f.Why, tail("standard error", b.Stderr)...)
	}
	return f
}

// maxTail is how many lines of the output of a run after a cut a person is shown.
const maxTail = 10

// maxCrash is how many lines of the report of firmware that has crashed a person is shown.
const maxCrash = 24

// tail returns the end of an output with a heading; of firmware in C that has crashed, its report.
func tail(name string, o Output) []string {
	lines := strings.Split(strings.TrimRight(o.Text, "\r\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	heading := "its " + name + ":"
	crash := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, firmware.CrashHeading) })
	if crash >= 0 {
		lines = lines[crash:min(len(lines), crash+maxCrash)]
	} else if len(lines) > maxTail {
		heading = fmt.Sprintf("the last %d lines of its %s:", maxTail, name)
		lines = lines[len(lines)-maxTail:]
	}
	list := []string{heading}
	for _, line := range lines {
		list = append(list, "| "+strings.TrimRight(line, "\r"))
	}
	return list
}

// maxShown is how many different failures after power cuts are told.
const maxShown = 10

// tellCuts notes that there are runs that have not recovered.
func (r *Result) tellCuts() {
	shown := r.Cuts.Failures[:min(len(r.Cuts.Failures), maxShown)]
	for i := range shown {
		r.fail(shown[i].failure())
	}
	if rest := r.Cuts.Failures[len(shown):]; len(rest) > 0 {
		var steps []int
		for _, c := range rest {
			steps = append(steps, c.Steps...)
		}
		slices.Sort(steps)
		r.fail(Failure{
			Kind: KindPowerCut, ExitCode: ExitFindings,
			What: fmt.Sprintf("there are %d more different failures after power cuts, during %s", len(rest), ranges(steps)),
			Fix:  "Mend those above first. --json has all of them.",
		})
	}
}
