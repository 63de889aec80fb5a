package exec

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/audit/junit"
)

// WriteText writes the result for people: findings, a line with the verdict, what is
// wrong, and what became of the power cuts.
func (r *Result) WriteText(w io.Writer, opt audit.TextOptions) error {
	var b strings.Builder
	if r.Report != nil {
		opt.Verdict = verdictWords[r.Verdict]
		if err := r.Report.WriteText(&b, opt); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(&b, "%s: there was no boot\n", verdictWords[r.Verdict])
	}
	for _, f := range r.Failures {
		if f.Kind != KindFindings && f.Kind != KindAssumption { // they stand above and below
			fmt.Fprintf(&b, "%s: %s\n", f.Kind, strings.ReplaceAll(printable(f.String()), "\n", "\n    "))
		}
	}
	for _, note := range r.notes() {
		fmt.Fprintf(&b, "note: %s\n", printable(note))
	}
	if r.Cuts != nil {
		fmt.Fprintf(&b, "%s\n", r.Cuts)
	}
	if r.Modem != "" {
		fmt.Fprintf(&b, "modem: %s\n", printable(r.modem()))
	}
	if r.RulesFile != "" {
		fmt.Fprintf(&b, "rules: %s\n", printable(r.RulesFile))
	}
	if r.Assumed != nil {
		fmt.Fprintf(&b, "%s\n", printable(r.Assumed.String()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String says what became of the power cuts, in a sentence.
func (c *Cuts) String() string {
	if c.Skipped != "" {
		return "Power cuts: " + c.Skipped + "."
	}
	n := len(c.Steps)
	if n == 0 {
		return "Power cuts: none."
	}
	first, last := c.Steps[0], c.Steps[n-1]
	where := fmt.Sprintf("flash step %d", first)
	if n > 1 {
		where = fmt.Sprintf("flash steps %d to %d", first, last)
		if n < last-first+1 {
			where = fmt.Sprintf("%d of ", n) + where
		}
	}
	made := strconv.Itoa(c.Runs)
	if c.Runs+c.Short < n {
		made = fmt.Sprintf("%d of %d", c.Runs, n)
	}
	text := fmt.Sprintf("Power cuts: %s made, during %s; after %d of them all was well.", made, where, c.Runs-c.Failed)
	if c.Median > 0 {
		text += fmt.Sprintf(" Half of them took no longer than %v each.", c.Median.Round(10*time.Microsecond))
	}
	return text
}

// WriteJSON writes the result as one JSON object, indented.
func (r *Result) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteGitHub writes workflow commands, which GitHub shows as annotations of the run.
func (r *Result) WriteGitHub(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Failures {
		if f.Kind != KindFindings { // they follow, each with its reason
			b.WriteString(audit.GitHubCommand("error", string(f.Kind), printable(f.String())))
		}
	}
	if r.Report != nil {
		report := *r.Report
		report.NothingSeen = false // told above, with what was seen
		if err := report.WriteGitHub(&b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes a summary in Markdown, as $GITHUB_STEP_SUMMARY takes it.
func (r *Result) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### nrf91emu: %s\n\n", verdictWords[r.Verdict])
	fmt.Fprintf(&b, "Verdict `%s`, exit code %d. %s.\n\n", r.Verdict, r.ExitCode, r.totals())
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "- **%s**: %s\n", f.Kind, strings.ReplaceAll(markdown(f.String()), "\n", "<br>"))
	}
	for _, note := range r.notes() {
		fmt.Fprintf(&b, "- Note: %s\n", markdown(note))
	}
	if r.Cuts != nil {
		fmt.Fprintf(&b, "- %s\n", markdown(r.Cuts.String()))
	}
	if r.Modem != "" {
		fmt.Fprintf(&b, "- Modem: %s\n", markdown(r.modem()))
	}
	if r.RulesFile != "" {
		fmt.Fprintf(&b, "- Rules of %s\n", markdown(r.RulesFile))
	}
	if r.Assumed != nil {
		fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(markdown(r.Assumed.String()), "\n", "<br>"))
	}
	if r.Report != nil && len(r.Findings) > 0 {
		b.WriteString("\n| level | rule | credential | what |\n|---|---|---|---|\n")
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "| %s | %s %s | %s | %s %s |\n", f.Level, f.Rule, f.Name, markdown(f.Credential()), markdown(f.What), markdown(f.Fix))
		}
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// modem says in words who the modem is, if it is a real one.
func (r *Result) modem() string {
	return r.Modem + "; what is told of the flash is an estimate, by an emulated modem beside it"
}

// idles reports whether the boot came to its end without a command, so that nothing of it is judged.
func (b *Boot) idles() bool { return b.Exchanges == 0 && (b.End == EndExited || b.End == EndOver) }

// notes say of what nothing is judged.
func (r *Result) notes() (notes []string) {
	var idle, left []string
	why := ""
	for i := range r.Boots {
		b := &r.Boots[i]
		if b.idles() && b.ExitCode == 0 {
			idle, why = append(idle, strconv.Itoa(b.Number)), strings.Join(b.Idle, "; ")
		}
		if b.Left {
			left = append(left, strconv.Itoa(b.Number))
		}
	}
	if len(idle) > 0 && len(idle) < len(r.Boots) {
		notes = append(notes, fmt.Sprintf("nothing of %s is judged, since no command was sent there; in the last of them %s", bootList(idle), why))
	}
	if len(left) > 0 {
		notes = append(notes, fmt.Sprintf("the modem had not taken all that was sent when %s ended: what was left is not judged", bootList(left)))
	}
	return notes
}

// bootList returns such as "boots 2, 3 and 5".
func bootList(numbers []string) string {
	switch n := len(numbers); {
	case n == 1:
		return "boot " + numbers[0]
	case n > 10:
		return fmt.Sprintf("%d boots", n)
	default:
		return "boots " + strings.Join(numbers[:n-1], ", ") + " and " + numbers[n-1]
	}
}

func (r *Result) totals() string {
	if r.Report == nil {
		return "There was no boot"
	}
	return r.Totals.String()
}

// WriteJUnit writes the result as JUnit XML: a case for each boot, for whether there
// was anything to judge, for each rule, for each expectation, and for the power cuts. name is that of the
// suite.
func (r *Result) WriteJUnit(w io.Writer, name string) error {
	s := junit.Suite{
		Name: name, Started: r.Started, Took: r.Took, Host: r.Host, Out: strings.Join(append([]string{r.totals()}, r.notes()...), "\n"),
		Properties: []junit.Property{
			{Name: "verdict", Value: string(r.Verdict)}, {Name: "exit_code", Value: strconv.Itoa(r.ExitCode)},
			{Name: "version", Value: r.Version}, {Name: "seed", Value: strconv.FormatUint(r.Seed, 10)},
			{Name: "profile", Value: r.Profile}, {Name: "application", Value: r.App},
			{Name: "command", Value: strings.Join(r.Command, " ")},
		},
	}
	if r.Modem != "" {
		s.Properties = append(s.Properties, junit.Property{Name: "modem", Value: r.modem()})
	}
	if r.RulesFile != "" {
		s.Properties = append(s.Properties, junit.Property{Name: "rules_file", Value: r.RulesFile})
	}
	told := make(map[int]bool) // failures that a case has
	for _, b := range r.Boots {
		c := junit.Case{
			Class: name + ".boot", Name: "boot " + strconv.Itoa(b.Number), Took: b.Took,
			Out: b.Stdout.String(), Err: b.Stderr.String(),
		}
		if b.End == EndPowerCut {
			c.Name += fmt.Sprintf(" (start %d, ended by the power cut)", b.Start)
		}
		for i, f := range r.Failures {
			if f.Boot == b.Number && b.End != EndPowerCut && c.Failure == nil && c.Error == nil {
				told[i] = true
				f.into(&c)
			}
		}
		if c.Failure == nil && c.Error == nil && b.idles() && r.WhyNothing == "" {
			c.Skipped = "no command was sent: " + printable(strings.Join(b.Idle, "; "))
		}
		s.Cases = append(s.Cases, c)
	}
	if r.Report != nil {
		s.Cases = append(s.Cases, r.JUnitCases(name)...)
	}
	for _, e := range r.Expected {
		c := junit.Case{Class: name + ".expect", Name: e.Name}
		if e.Wrong != "" {
			c.Failure = &junit.Problem{Type: string(KindExpectation), Message: e.Wrong, Text: e.Name + ": " + e.Wrong + "\nfix: " + e.Fix + "\n"}
		}
		s.Cases = append(s.Cases, c)
	}
	for i, f := range r.Failures {
		switch {
		case told[i], f.Kind == KindFindings:
		case f.Kind == KindNothingSeen:
			for i := range s.Cases {
				if s.Cases[i].Name == audit.NothingSeen {
					f.into(&s.Cases[i])
				}
			}
		case f.Kind == KindPowerCut, f.Kind == KindExpectation, f.Kind == KindAssumption:
		default:
			c := junit.Case{Class: name + ".run", Name: string(f.Kind)}
			f.into(&c)
			s.Cases = append(s.Cases, c)
		}
	}
	if r.Cuts != nil {
		c := junit.Case{Class: name + ".run", Name: "power cuts", Took: r.Cuts.Took, Out: r.Cuts.String(), Skipped: r.Cuts.Skipped}
		for _, f := range r.Failures {
			if f.Kind == KindPowerCut {
				f.into(&c)
			}
		}
		if c.Failure == nil && c.Skipped == "" && r.Cuts.Runs+r.Cuts.Short < len(r.Cuts.Steps) {
			c.Skipped = "the run has ended before all power cuts were made"
		}
		s.Cases = append(s.Cases, c)
	}
	if r.Assumed != nil {
		s.Cases = append(s.Cases, r.Assumed.cases(name)...)
	}
	return s.Write(w)
}

// into makes a case fail. What is not the command's fault is an error.
func (f Failure) into(c *junit.Case) {
	p := &junit.Problem{Type: string(f.Kind), Message: printable(f.What), Text: printable(f.String()) + "\n"}
	switch f.Kind {
	case KindHarness, KindInterrupted, KindTimeout:
		c.Error = p
	default:
		if c.Failure != nil {
			c.Failure.Text += p.Text
			return
		}
		c.Failure = p
	}
}

// printable keeps what a host sent from steering a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

var markdownEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "\r", " ")

func markdown(s string) string { return markdownEscape.Replace(printable(s)) }
