package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/audit/junit"
)

// print writes what a trace is judged: JSON to standard output, text to standard error, and
// annotations where GitHub reads them. Of many runs those are told that are not sound.
func (c *auditCmd) print(std stdio, all []audit.Judged, rules string) error {
	github := os.Getenv("GITHUB_ACTIONS") == "true"
	if c.JSON {
		if err := writeJudgedJSON(std.out, all, rules); err != nil {
			return err
		}
	}
	opt := audit.TextOptions{Color: isTerminal(std.err)}
	bad, unfinished := 0, false
	for _, j := range all {
		unfinished = unfinished || j.Open
		if !j.Sound {
			bad++
		}
		if j.Sound && len(all) > 1 && j.Run > 1 {
			continue
		}
		if github {
			if err := j.WriteGitHub(std.out); err != nil {
				return err
			}
		}
		if c.JSON {
			continue
		}
		if name := j.String(); name != "" {
			fmt.Fprintf(std.err, "%s:\n", name)
		}
		if err := j.WriteText(std.err, opt); err != nil {
			return err
		}
	}
	if c.JSON {
		return nil
	}
	if len(all) > 1 {
		fmt.Fprintf(std.err, "%d runs or devices in the trace, %d of them not sound\n", len(all), bad)
	}
	if unfinished && c.Trace != "-" { // who pipes a record in knows where it ends
		fmt.Fprintln(std.err, "the trace ends while the modem is on: what came after that is not judged")
	}
	if rules != "" {
		fmt.Fprintf(std.err, "rules: %s\n", rules)
	}
	return nil
}

// writeJudgedJSON writes the report of a trace of one run, and an object with those of all
// where there are several.
func writeJudgedJSON(w io.Writer, all []audit.Judged, rules string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if len(all) == 1 {
		return enc.Encode(struct {
			Rules string `json:"rules_file,omitempty"`
			audit.Judged
		}{rules, all[0]})
	}
	sound := true
	for _, j := range all {
		sound = sound && j.Sound
	}
	return enc.Encode(struct {
		Sound bool           `json:"sound"`
		Rules string         `json:"rules_file,omitempty"`
		Runs  []audit.Judged `json:"runs"`
	}{sound, rules, all})
}

// writeJudgedJUnit writes the cases of the first run, and a case for each further one.
func writeJudgedJUnit(w io.Writer, all []audit.Judged) error {
	const name = "nrf91emu"
	s := junit.Suite{Name: name, Out: all[0].Totals.String(), Cases: all[0].JUnitCases(name)}
	for _, j := range all[1:] {
		c := junit.Case{Class: name + ".runs", Name: j.String()}
		for _, part := range j.JUnitCases(name) {
			switch {
			case part.Failure == nil:
			case c.Failure == nil:
				c.Failure = part.Failure
			default:
				c.Failure.Text += part.Failure.Text
			}
		}
		s.Cases = append(s.Cases, c)
	}
	return s.Write(w)
}
