package audit

import (
	"fmt"
	"io"
	"strings"

	"nrf91emu/emulator/audit/junit"
)

// WriteJUnit writes the report as JUnit XML: the cases of [Report.JUnitCases]. name
// is that of the suite, such as "provisioning".
func (r *Report) WriteJUnit(w io.Writer, name string) error {
	return junit.Suite{Name: name, Cases: r.JUnitCases(name), Out: r.Totals.String()}.Write(w)
}

// JUnitCases returns one test case for each rule, so that CI shows by name what is
// wrong and since when, and one for whether there was anything to judge. Errors are
// failures, warnings and notes are the output of a case that passes, rules that are
// off are skipped. name is in front of the classes.
func (r *Report) JUnitCases(name string) []junit.Case {
	seen := junit.Case{Class: name + ".run", Name: NothingSeen}
	if r.NothingSeen {
		seen.Failure = &junit.Problem{Type: NothingSeen, Message: r.WhyNothing, Text: r.WhyNothing + "\n"}
	}
	cases := []junit.Case{seen}
	on := map[string]bool{}
	for _, id := range r.Rules {
		on[id] = true
	}
	for _, rule := range rules {
		if rule.Topic == Budget && !on[rule.ID] {
			continue // not set
		}
		c := junit.Case{Class: name + "." + string(rule.Topic), Name: rule.String()}
		if !on[rule.ID] {
			c.Skipped = "switched off"
		}
		r.fill(&c, rule)
		cases = append(cases, c)
	}
	return cases
}

// fill puts the findings of a rule into its test case.
func (r *Report) fill(c *junit.Case, rule *Rule) {
	var failed, passed printer
	for _, f := range r.Findings {
		if f.Rule != rule.ID {
			continue
		}
		if f.Level < Error {
			passed.finding(f)
			continue
		}
		if c.Failure == nil {
			c.Failure = &junit.Problem{Type: f.Rule, Message: strings.TrimPrefix(fmt.Sprintf("%s: %s", f.Credential(), clean(f.What)), ": ")}
		}
		failed.finding(f)
	}
	if c.Failure != nil {
		c.Failure.Text = failed.String()
	}
	c.Out = passed.String()
}
