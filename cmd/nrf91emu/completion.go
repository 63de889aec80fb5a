package main

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/facts"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/profile"
)

//go:embed completion
var completionScripts embed.FS

// completionCmd is nrf91emu completion.
type completionCmd struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Help is the long help of nrf91emu completion.
func (*completionCmd) Help() string {
	return `  bash:  source <(nrf91emu completion bash)
  zsh:   source <(nrf91emu completion zsh), behind compinit
  fish:  nrf91emu completion fish | source`
}

// Run prints the script of a shell.
func (c *completionCmd) Run(std stdio) error {
	script, err := completionScripts.ReadFile("completion/nrf91emu." + c.Shell)
	if err == nil {
		_, err = std.out.Write(script)
	}
	return err
}

// completeCmd is nrf91emu complete, which the scripts of the shells call. Each line that
// it prints is a word, a tab and what it is; the last is one of the directives.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// A directive says what else may stand there.
type directive string

const (
	nothingElse directive = ":none"
	anyFile     directive = ":files"
	anyCommand  directive = ":command" // a program with its arguments begins at this word
)

// A candidate is a word that may come next.
type candidate struct{ word, about string }

// Run prints how the words, of which the last is begun or empty, can go on.
func (c *completeCmd) Run(std stdio) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	found, also := complete(words)
	for _, f := range found {
		about, _, _ := strings.Cut(f.about, "\n")
		fmt.Fprintf(std.out, "%s\t%s\n", f.word, about)
	}
	_, err := fmt.Fprintln(std.out, also)
	return err
}

// complete returns the words that can stand in place of the last one.
func complete(words []string) ([]candidate, directive) {
	if len(words) == 0 {
		words = []string{""}
	}
	node := newParser(stdio{out: io.Discard, err: io.Discard}, commands, func(int) {}).Model.Node
	last, positional := words[len(words)-1], 0
	var waits *kong.Value // a flag whose value comes next
	for i, word := range words[:len(words)-1] {
		name, _, hasValue := strings.Cut(word, "=")
		switch {
		case waits != nil:
			waits = nil
		case word == "--":
			if at := len(words) - 1 - i; at == 1 {
				return nil, anyCommand
			}
			return nil, anyFile
		case len(word) > 1 && word[0] == '-':
			if f := flagNamed(node, name); f != nil && !hasValue && !f.IsBool() && !f.IsCounter() {
				waits = f.Value
			}
		default:
			if child := childNamed(node, word); child != nil {
				node, positional = child, 0
			} else {
				positional++
			}
		}
	}
	name, begun, hasValue := strings.Cut(last, "=")
	switch {
	case waits != nil:
		return matching(last, "", values(node, waits)), also(waits)
	case strings.HasPrefix(last, "-") && hasValue:
		f := flagNamed(node, name)
		if f == nil {
			return nil, nothingElse
		}
		return matching(begun, name+"=", values(node, f.Value)), also(f.Value)
	case strings.HasPrefix(last, "-"):
		var flags []candidate
		for _, group := range node.AllFlags(true) {
			for _, f := range group {
				flags = append(flags, candidate{"--" + f.Name, f.Help})
			}
		}
		return matching(last, "", flags), nothingElse
	case len(node.Children) > 0:
		var children []candidate
		for _, child := range node.Children {
			if !child.Hidden {
				children = append(children, candidate{child.Name, child.Help})
			}
		}
		return matching(last, "", children), nothingElse
	case len(node.Positional) > 0:
		p := node.Positional[min(positional, len(node.Positional)-1)]
		return matching(last, "", values(node, p)), also(p)
	}
	return nil, nothingElse
}

func childNamed(node *kong.Node, name string) *kong.Node {
	i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return node.Children[i]
}

// flagNamed returns the flag --name or -n of a command or of those above it.
func flagNamed(node *kong.Node, name string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if name == "--"+f.Name || f.Short != 0 && name == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// matching returns the candidates that begin like this, with a prefix before them.
func matching(begun, prefix string, all []candidate) (found []candidate) {
	for _, c := range all {
		if strings.HasPrefix(c.word, begun) {
			found = append(found, candidate{prefix + c.word, c.about})
		}
	}
	return found
}

// also says whether a value may be a file, too.
func also(v *kong.Value) directive {
	_, isFile := map[string]bool{"path": true, "existingfile": true}[v.Tag.Type]
	if isFile || slices.Contains([]string{"FILE", "DIR", "PATH", "DEV", "TAG:TYPE=FILE"}, v.Tag.PlaceHolder) {
		return anyFile
	}
	return nothingElse
}

// values returns what a flag or an argument of a command can be, as far as it is a list.
func values(node *kong.Node, v *kong.Value) (list []candidate) {
	add := func(word, about string) { list = append(list, candidate{word, about}) }
	switch name := strings.ToLower(v.Name); {
	case v.Enum != "":
		for _, word := range v.EnumSlice() {
			add(word, "")
		}
	case name == "profile":
		for _, p := range profile.All() {
			add(p.Name, p.Chip.Name+", "+p.Revision)
		}
	case name == "app":
		for _, d := range dialects.All() {
			add(d.Name, "")
		}
	case name == "rule" && node.Name == "explain":
		for _, r := range audit.Rules() {
			add(r.Name, r.ID+": "+r.Title)
		}
	case name == "rule":
		for _, r := range audit.Rules() {
			for _, level := range []string{"off", "info", "warning", "error"} {
				add(r.Name+"="+level, r.ID+": "+r.Title)
			}
		}
	case name == "fault":
		for _, k := range fault.Kinds {
			add(k.Name, k.Help)
		}
	case name == "power-cut":
		add("all", "during each flash step in turn")
		add("sample:", "during N flash steps drawn by chance")
	case name == "name" && node.Name == "facts":
		seen := make(map[string]bool)
		for _, f := range facts.All() {
			subject, _, _ := strings.Cut(f.Name, "/")
			if !seen[subject] {
				seen[subject] = true
				add(subject, "")
			}
			add(f.Name, "")
		}
	case name == "topic":
		for _, t := range topics {
			add(t.name, t.about)
		}
		for _, c := range commands {
			if !c.hidden {
				add(c.name, c.help)
			}
		}
	}
	return list
}
