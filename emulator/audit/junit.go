package audit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
	Out      string      `xml:"system-out"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure"`
	Skipped *junitSkipped `xml:"skipped"`
	Out     *junitText    `xml:"system-out"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes the report as JUnit XML: one test case for each rule, so that
// CI shows by name what is wrong and since when. Errors are failures, warnings
// and notes are the output of a case that passes, rules that are off are skipped.
// name is that of the suite, such as "provisioning".
func (r *Report) WriteJUnit(w io.Writer, name string) error {
	suite := junitSuite{Name: name, Out: r.Totals.String()}
	on := map[string]bool{}
	for _, id := range r.Rules {
		on[id] = true
	}
	for _, rule := range rules {
		if rule.Topic == Budget && !on[rule.ID] {
			continue // not set
		}
		c := junitCase{Class: name + "." + string(rule.Topic), Name: rule.String()}
		if !on[rule.ID] {
			c.Skipped = &junitSkipped{"switched off"}
			suite.Skipped++
		}
		r.fill(&c, rule)
		if c.Failure != nil {
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// fill puts the findings of a rule into its test case.
func (r *Report) fill(c *junitCase, rule *Rule) {
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
			c.Failure = &junitFailure{Type: f.Rule, Message: strings.TrimPrefix(fmt.Sprintf("%s: %s", f.Credential(), clean(f.What)), ": ")}
		}
		failed.finding(f)
	}
	if c.Failure != nil {
		c.Failure.Text = failed.String()
	}
	if passed.Len() > 0 {
		c.Out = &junitText{passed.String()}
	}
}
