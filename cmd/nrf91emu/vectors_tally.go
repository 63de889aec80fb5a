package main

import (
	"errors"
	"fmt"
	"io"
	"nrf91emu/emulator/exec"

	"nrf91emu/emulator/facts"
	"nrf91emu/testvectors"
)

// vectorTally prints how plays went, and counts.
type vectorTally struct {
	out                 io.Writer
	ok, differ, skipped int
	plays               int
}

// add prints the results of one vector: a line if all is well, each difference
// once otherwise, and what was skipped.
func (t *vectorTally) add(s *testvectors.Script, results []*testvectors.Result) {
	played, differs := 0, 0
	told := map[string]bool{}
	tell := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !told[text] {
			told[text] = true
			fmt.Fprint(t.out, text)
		}
	}
	for _, r := range results {
		if r.Played() {
			played++
		}
		if !r.OK() {
			differs++
		}
	}
	t.plays += played
	switch {
	case len(results) == 0:
		t.skipped++
		tell("%s: skipped: it holds for none of the modems asked for\n", s.Name)
		return
	case differs > 0:
		t.differ++
		tell("%s: differs%s\n", s.Name, onModems(differs, len(results)))
	case played == 0:
		t.skipped++
	default:
		t.ok++
		tell("%s: ok%s\n", s.Name, onModems(played, len(results)))
	}
	for _, r := range results {
		for i := range r.Differences {
			// The same difference on many modems is told once.
			if text := r.Differences[i].String(); !told[text] {
				told[text] = true
				fmt.Fprintf(t.out, "%s with %s:\n%s", r.Profile, r.App, text)
				t.tellFacts(r.Differences[i].Mark)
			}
		}
		for _, skip := range r.Skipped {
			if skip.Line == 0 {
				tell("%s: skipped: %s\n", s.Name, skip.Reason)
			} else {
				tell("%s:%d: not checked: %s\n", s.Name, skip.Line, skip.Reason)
			}
		}
	}
}

// tellFacts prints what an expectation rests on.
func (t *vectorTally) tellFacts(m testvectors.Mark) {
	for _, name := range m.Facts() {
		if f, ok := facts.Lookup(name); ok {
			fmt.Fprintf(t.out, "    %s is %s\n", name, f.Provenance())
		}
	}
}

func onModems(n, of int) string {
	switch {
	case of == 1:
		return ""
	case n == of:
		return fmt.Sprintf(" on %d modems", n)
	}
	return fmt.Sprintf(" on %d of %d modems", n, of)
}

// conclude prints the sum and returns the error that stands for the exit code.
func (t *vectorTally) conclude() error {
	fmt.Fprintf(t.out, "%d vectors: %d ok, %d differ, %d skipped; %d plays.\n",
		t.ok+t.differ+t.skipped, t.ok, t.differ, t.skipped, t.plays)
	switch {
	case t.differ > 0:
		return exitError{code: exec.ExitFindings}
	case t.plays == 0:
		return errors.New("no vector was played; the reasons stand above, and --provide or --reset may help")
	}
	return nil
}
