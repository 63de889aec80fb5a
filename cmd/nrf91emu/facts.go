package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"nrf91emu/emulator/facts"
)

// factsCmd is nrf91emu facts.
type factsCmd struct {
	Names      []string `arg:"" optional:"" name:"name" help:"Facts such as cmng/list-layout, or subjects such as cmng."`
	Deviations bool     `help:"Show only where the emulator differs from hardware, or may differ; without names, as a page in Markdown."`
	JSON       bool     `help:"Print JSON."`
}

// Run prints facts: those of the given names in full, without names a line for
// each.
func (c *factsCmd) Run(std stdio) error {
	list := facts.All()
	if len(c.Names) > 0 {
		list = nil
		for _, name := range c.Names {
			found, err := factsNamed(name)
			if err != nil {
				return err
			}
			list = append(list, found...)
		}
	}
	if c.Deviations {
		if len(c.Names) == 0 && !c.JSON {
			return facts.WriteDeviations(std.out)
		}
		var differ []facts.Fact
		for _, f := range list {
			if f.Deviation() != "" {
				differ = append(differ, f)
			}
		}
		list = differ
	}
	switch {
	case c.JSON:
		return factsJSON(std, list)
	case len(c.Names) == 0:
		w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
		for _, f := range list {
			fmt.Fprintf(w, "%s\t%s\n", f.Name, factMarks(&f))
		}
		return w.Flush()
	}
	for i, f := range list {
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		fmt.Fprint(std.out, f.String())
	}
	return nil
}

// factsNamed returns the fact of a name or the facts of a subject.
func factsNamed(name string) ([]facts.Fact, error) {
	name = strings.TrimPrefix(name, "fact ")
	if f, ok := facts.Lookup(name); ok {
		return []facts.Fact{f}, nil
	}
	subject, _, _ := strings.Cut(name, "/")
	list := facts.Subject(subject)
	if subject == strings.TrimSuffix(name, "/") && len(list) > 0 {
		return list, nil
	}
	if len(list) > 0 {
		return nil, usagef("there is no fact %q; nrf91emu facts %s shows those of the subject", name, subject)
	}
	var subjects []string
	for _, f := range facts.All() {
		if s := f.Subject(); len(subjects) == 0 || subjects[len(subjects)-1] != s {
			subjects = append(subjects, s)
		}
	}
	return nil, usagef("there is no fact %q; the subjects are %s", name, strings.Join(subjects, ", "))
}

func factMarks(f *facts.Fact) string {
	var marks []string
	for _, s := range f.Sources {
		marks = append(marks, string(s.Mark))
	}
	return strings.Join(marks, ", ")
}

// factJSON is one fact in the output of --json.
type factJSON struct {
	Name    string           `json:"name"`
	Sources []factSourceJSON `json:"sources"`
	Text    string           `json:"text"`
}

type factSourceJSON struct {
	Mark string `json:"mark"`
	Text string `json:"text"`
}

func factsJSON(std stdio, list []facts.Fact) error {
	out := []factJSON{}
	for _, f := range list {
		j := factJSON{Name: f.Name, Text: f.Text}
		for _, s := range f.Sources {
			j.Sources = append(j.Sources, factSourceJSON{string(s.Mark), s.Text})
		}
		out = append(out, j)
	}
	enc := json.NewEncoder(std.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
