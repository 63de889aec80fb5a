package audit

import (
	"fmt"
	"io"
	"strings"

	"nrf91emu/emulator/lazyregexp"
)

// WriteDoc writes the documentation page of the rules in Markdown.
func WriteDoc(w io.Writer) error {
	var b strings.Builder
	b.WriteString(docHead)
	b.WriteString("\n| rule | in words | level | what it is about |\n|---|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.ID, anchor(r), r.Name, r.Level, r.Title)
	}
	for _, r := range rules {
		r.writeDoc(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const docHead = `# The rules of the audit

The audit reads the event record of a run over one boot or several and says
whether the firmware provisioned credentials well. It judges what was done: any
way of finding out what is stored is good, and a write is needed when something
else was stored before. A run is sound if there is no finding at error level.

Each rule has a number and words, and can be called by either. Rules can be
silenced or raised, and budgets set, in a file:

    rules:
      P16: off          # off, info, warning or error
      written-without-asking: error
    budgets:
      writes_per_boot: 3
      writes_per_run: 3
      page_erases: 0
      lifetime:
        years: 10
        boots_per_day: 24
    flash:
      pages: 64
      page_size: 4096
      endurance: 10000

In the examples the text after the arrow is the final result, words in angle
brackets stand for content in quotes, and lines with an asterisk are what happens
beside the port.
`

// Explain returns the documentation of one rule as plain text: what it sees, why,
// the source, what to do, and examples.
func (r *Rule) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\nlevel %s, topic %s\n", r, r.Title, r.Level, r.Topic)
	for _, part := range [][2]string{{"What it sees", r.Sees + "."}, {"Why", r.Why}, {"Source", r.Source + "."}, {"What to do", r.Fix}} {
		fmt.Fprintf(&b, "\n%s\n%s", part[0], wrap(part[1], "    "))
	}
	example(&b, "Bad", r.Bad)
	example(&b, "Good", r.Good)
	return b.String()
}

// wrap breaks a text into lines of at most 80 columns.
func wrap(text, indent string) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 79 && line != indent {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word + " "
	}
	return b.String() + strings.TrimRight(line, " ") + "\n"
}

func (r *Rule) writeDoc(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%s. Level: %s. Topic: %s.\n\n", r, r.Title, r.Level, r.Topic)
	fmt.Fprintf(b, "**What it sees:** %s.\n\n", r.Sees)
	fmt.Fprintf(b, "**Why:** %s\n\n", marked(r.Why))
	fmt.Fprintf(b, "**Source:** %s.\n\n", r.Source)
	fmt.Fprintf(b, "**What to do:** %s\n", marked(r.Fix))
	example(b, "Bad", r.Bad)
	example(b, "Good", r.Good)
}

// atCommand is a command in running text; the angle brackets of its parameters
// would be taken for HTML.
var atCommand = lazyregexp.New(`AT[+%#][A-Z]+[^\s;:]*[^\s;:.,]`)

func marked(text string) string { return atCommand().ReplaceAllString(text, "`$0`") }

func example(b *strings.Builder, name, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(b, "\n%s:\n\n", name)
	for line := range strings.Lines(strings.TrimSpace(text)) {
		b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
	}
}

// anchor returns what Markdown renderers make of the rule's heading.
func anchor(r *Rule) string {
	var b strings.Builder
	for _, c := range strings.ToLower(r.String()) {
		switch {
		case c == ' ':
			b.WriteByte('-')
		case c == '-' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		}
	}
	return b.String()
}
