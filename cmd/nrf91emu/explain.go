package main

import (
	"fmt"
	"text/tabwriter"

	"nrf91emu/emulator/audit"
)

// explainCmd is nrf91emu explain.
type explainCmd struct {
	Rules []string `arg:"" optional:"" name:"rule" help:"Rules by number or by words: P03, written-without-asking."`
}

// Run explains rules of the audit, or lists them.
func (c *explainCmd) Run(std stdio) error {
	if len(c.Rules) == 0 {
		w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "RULE\tIN WORDS\tLEVEL\tWHAT IT IS ABOUT")
		for _, r := range audit.Rules() {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Name, r.Level, r.Title)
		}
		return w.Flush()
	}
	for i, name := range c.Rules {
		r := audit.Lookup(name)
		if r == nil {
			return usagef("there is no rule %q; nrf91emu explain lists them", name)
		}
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		fmt.Fprint(std.out, r.Explain())
	}
	return nil
}
