package main

import (
	_ "embed"
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"text/tabwriter"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/lab"
	"nrf91emu/emulator/libmodem"
	"nrf91emu/emulator/network"
	"nrf91emu/testvectors"
)

//go:embed doc.go
var documentation string

// A topic is something that nrf91emu help explains. Its text is the documentation of
// the Go package that implements it, which is written once.
type topic struct {
	name, about, source string
	// section is the only part that is shown, by its heading; empty shows all.
	section string
}

var topics = []topic{
	{"exit-codes", "what the program ends with", documentation, "Exit codes"},
	{"environment", "the environment variables that are read, and those that commands and firmware get", documentation, "Environment"},
	{"device", "the YAML file of --device: everything that a modem is made of", devicefile.Documentation, ""},
	{"network", "the YAML file of --network: operators, cell, signal, outages, SIM", network.Documentation, "The network file"},
	{"rules", "nrf91emu.yaml: levels of the audit's rules, budgets, what must be stored at the end", audit.Documentation, "The rules file"},
	{"vectors", "scripted AT exchanges, as nrf91emu vectors plays and records them", testvectors.Documentation, ""},
	{"library", "the library interface: how firmware on the host reaches the modem without a UART", libmodem.Documentation, ""},
	{"control", "the HTTP interface beside the port, which nrf91emu ctl uses", control.Documentation, ""},
	{"lab", "exercises of one's own for nrf91emu lab --dir", lab.Documentation, ""},
}

// helpCmd is nrf91emu help.
type helpCmd struct {
	Topic string `arg:"" optional:"" help:"A topic, or a command."`
}

// Run prints what is asked for: a topic, the help of a command, or a list.
func (c *helpCmd) Run(std stdio) error {
	if c.Topic == "" {
		w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "Topics, for nrf91emu help TOPIC:")
		for _, t := range topics {
			fmt.Fprintf(w, "  %s\t%s\n", t.name, t.about)
		}
		fmt.Fprintln(w, "\nCommands, for nrf91emu help COMMAND:")
		for _, c := range commands {
			if !c.hidden {
				fmt.Fprintf(w, "  %s\t%s\n", c.name, c.help)
			}
		}
		return w.Flush()
	}
	for _, t := range topics {
		if t.name == c.Topic {
			text, err := t.text()
			if err == nil {
				_, err = std.out.Write(text)
			}
			return err
		}
	}
	if slices.ContainsFunc(commands, func(o command) bool { return o.name == c.Topic }) {
		Main([]string{c.Topic, "--help"}, std)
		return nil
	}
	return usagef("there is neither a topic nor a command %q; nrf91emu help lists them", c.Topic)
}

// text returns a topic as plain text.
func (t topic) text() ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", t.source, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return nil, err
	}
	doc := new(comment.Parser).Parse(file.Doc.Text())
	if t.section != "" {
		doc.Content = section(doc.Content, t.section)
	}
	printer := comment.Printer{TextWidth: 80}
	return printer.Text(doc), nil
}

// section returns the blocks under a heading, which itself is left out.
func section(blocks []comment.Block, title string) []comment.Block {
	for i, b := range blocks {
		if heading(b) != title {
			continue
		}
		end := slices.IndexFunc(blocks[i+1:], func(b comment.Block) bool { return heading(b) != "" })
		if end < 0 {
			return blocks[i+1:]
		}
		return blocks[i+1 : i+1+end]
	}
	return nil
}

// heading returns the text of a heading, empty for other blocks.
func heading(b comment.Block) string {
	h, ok := b.(*comment.Heading)
	if !ok {
		return ""
	}
	var words strings.Builder
	for _, t := range h.Text {
		if plain, ok := t.(comment.Plain); ok {
			words.WriteString(string(plain))
		}
	}
	return words.String()
}
