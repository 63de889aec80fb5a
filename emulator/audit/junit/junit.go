package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// A Suite is a report: one set of cases.
type Suite struct {
	Name       string
	Started    time.Time     // zero: unknown
	Took       time.Duration // of all cases
	Host       string        // on which it ran; empty: unknown
	Properties []Property
	Cases      []Case
	Out        string // what it printed
}

// A Property is a fact about the run as a whole.
type Property struct{ Name, Value string }

// A Case is one test.
type Case struct {
	Class, Name string
	Took        time.Duration
	// At most one of these is set: Failure for a test that failed, Error for one that
	// could not be made, Skipped for one that was not.
	Failure, Error *Problem
	Skipped        string
	Out, Err       string // standard output and standard error
}

// A Problem is why a case is not good.
type Problem struct {
	Type    string // a word for programs
	Message string // one line
	Text    string // all of it
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suite    suite    `xml:"testsuite"`
}

type suite struct {
	Name       string      `xml:"name,attr"`
	Tests      int         `xml:"tests,attr"`
	Failures   int         `xml:"failures,attr"`
	Errors     int         `xml:"errors,attr"`
	Skipped    int         `xml:"skipped,attr"`
	Time       string      `xml:"time,attr"`
	Timestamp  string      `xml:"timestamp,attr,omitempty"`
	Host       string      `xml:"hostname,attr,omitempty"`
	Properties *properties `xml:"properties"`
	Cases      []testCase  `xml:"testcase"`
	Out        *text       `xml:"system-out"`
}

type properties struct {
	List []property `xml:"property"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Failure *problem `xml:"failure"`
	Error   *problem `xml:"error"`
	Skipped *skipped `xml:"skipped"`
	Out     *text    `xml:"system-out"`
	Err     *text    `xml:"system-err"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

type text struct {
	Text string `xml:",cdata"`
}

// Write writes the suite.
func (s Suite) Write(w io.Writer) error {
	x := suite{Name: clean(s.Name), Tests: len(s.Cases), Time: seconds(s.Took), Host: clean(s.Host), Out: newText(s.Out)}
	if !s.Started.IsZero() {
		x.Timestamp = s.Started.UTC().Format("2006-01-02T15:04:05")
	}
	for _, p := range s.Properties {
		if x.Properties == nil {
			x.Properties = &properties{}
		}
		x.Properties.List = append(x.Properties.List, property{clean(p.Name), clean(p.Value)})
	}
	for _, c := range s.Cases {
		t := testCase{
			Class: clean(c.Class), Name: clean(c.Name), Time: seconds(c.Took),
			Failure: newProblem(c.Failure), Error: newProblem(c.Error), Out: newText(c.Out), Err: newText(c.Err),
		}
		switch {
		case c.Failure != nil:
			x.Failures++
		case c.Error != nil:
			x.Errors++
		case c.Skipped != "":
			t.Skipped = &skipped{clean(c.Skipped)}
			x.Skipped++
		}
		x.Cases = append(x.Cases, t)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	err := enc.Encode(suites{Name: x.Name, Tests: x.Tests, Failures: x.Failures, Errors: x.Errors, Time: x.Time, Suite: x})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", max(d, 0).Seconds()) }

func newText(s string) *text {
	if s == "" {
		return nil
	}
	return &text{clean(s)}
}

func newProblem(p *Problem) *problem {
	if p == nil {
		return nil
	}
	return &problem{Message: clean(p.Message), Type: clean(p.Type), Text: clean(p.Text)}
}

// clean replaces what XML 1.0 has no characters for.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return r
		case r < ' ' || r == 0xfffe || r == 0xffff || r == utf8.RuneError:
			return '?'
		}
		return r
	}, s)
}
