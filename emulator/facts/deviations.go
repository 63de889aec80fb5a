package facts

import (
	"fmt"
	"io"
	"strings"
)

// WriteDeviations writes the list of known deviations as a Markdown page.
func WriteDeviations(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# Known deviations

Where nrf91emu differs from hardware, or may differ because Nordic's documents are
silent or disagree. This page is made from the facts with the mark ` + "`deviation`" + ` in
` + "`emulator/facts`" + `; ` + "`nrf91emu facts --deviations`" + ` prints the same.

| fact | what nrf91emu does | why |
|---|---|---|
`)
	for _, f := range Deviations() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, cell(f.Text), cell(f.Deviation()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell makes a text fit for a cell of a table.
func cell(text string) string {
	return strings.TrimSuffix(strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`), ".")
}
