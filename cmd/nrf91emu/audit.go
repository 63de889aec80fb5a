package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
)

// judging is the flags that say how strictly a record is judged.
type judging struct {
	Config      string   `help:"Rules, budgets and expectations in YAML; without it, nrf91emu.yaml here or in a folder above, up to the root of the repository, if there is one; see nrf91emu help rules." placeholder:"FILE" type:"path"`
	Rule        []string `help:"Change the level of a rule: P16=off, written-without-asking=error; off, info, warning or error." placeholder:"RULE=LEVEL"`
	BootsPerDay *float64 `help:"How often a day the device starts, for lifetimes in years; 24 without it." placeholder:"N"`
}

// A ruling is how a record is judged.
type ruling struct {
	audit.Options
	file   string            // that was read; empty for none
	expect map[string]string // what must be stored, see audit.ConfigFile
}

func (c *judging) options() (ruling, error) {
	var r ruling
	path := c.configFile()
	if path != "" {
		f, err := os.Open(path)
		if err != nil {
			return r, usagef("the rules cannot be read: %w", err)
		}
		defer f.Close()
		read, err := audit.LoadConfig(f)
		if err != nil {
			return r, usagef("%s: %w", path, err)
		}
		r = ruling{read.Options, path, read.Expect}
	}
	for _, word := range c.Rule {
		if err := r.Set(word); err != nil {
			return r, usagef("--rule: %w", err)
		}
	}
	if c.BootsPerDay != nil {
		if err := moreThanNothing("--boots-per-day", *c.BootsPerDay); err != nil {
			return r, err
		}
		r.BootsPerDay = *c.BootsPerDay
	}
	if err := r.Check(); err != nil {
		return r, usagef("%w", err)
	}
	return r, nil
}

// configFile returns the path of the file with rules; empty if there is none.
func (c *judging) configFile() string {
	if c.Config != "" {
		return c.Config
	}
	return findConfig()
}

// findConfig returns the path of the file with rules that holds here; empty if there is none.
// Folders above count as far as they are of the same repository.
func findConfig() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	is := func(dir, name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	root := dir
	for !is(root, ".git") {
		above := filepath.Dir(root)
		if above == root {
			root = dir // no repository
			break
		}
		root = above
	}
	for ; ; dir = filepath.Dir(dir) {
		if is(dir, audit.ConfigName) {
			return filepath.Join(dir, audit.ConfigName)
		}
		if dir == root {
			return ""
		}
	}
}

// auditCmd is nrf91emu audit.
type auditCmd struct {
	judging
	AllowIdle bool   `help:"Let a trace pass in which no command was sent, or none that the modem has done; without it that is a failure."`
	JSON      bool   `help:"Print the report as JSON."`
	JUnit     string `help:"Write the report as JUnit XML to FILE." name:"junit" placeholder:"FILE" type:"path"`
	Rules     bool   `help:"Print the rules instead, in Markdown."`
	Trace     string `arg:"" optional:"" help:"A trace that --trace wrote; - for standard input." placeholder:"FILE"`
}

// Run judges a trace.
func (c *auditCmd) Run(std stdio) error {
	if c.Rules {
		return audit.WriteDoc(std.out)
	}
	ruling, err := c.options()
	if err != nil {
		return err
	}
	ruling.AllowIdle = c.AllowIdle
	if sameFile(c.JUnit, c.Trace) {
		return usagef("--junit names the trace itself, which it would overwrite: give another file")
	}
	in := std.in
	switch c.Trace {
	case "":
		return usagef("name a trace file, or - for standard input")
	case "-":
	default:
		f, err := os.Open(c.Trace)
		if err != nil {
			return usagef("the trace cannot be read: %w", err)
		}
		defer f.Close()
		in = f
	}
	all, err := audit.ReadAll(in, ruling.Options)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Trace, err)
	}
	if c.JUnit != "" {
		if err := writeFile(c.JUnit, func(w io.Writer) error { return writeJudgedJUnit(w, all) }); err != nil {
			return err
		}
	}
	if err := c.print(std, all, ruling.file); err != nil {
		return err
	}
	for _, j := range all {
		if !j.Sound {
			return exitError{code: exec.ExitFindings}
		}
	}
	return nil
}

// writeFile makes a file of what fn writes.
func writeFile(path string, fn func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(fn(f), f.Close())
}

// traceTo writes the record to a file, until end; without a name it does nothing.
func traceTo(path string, log *event.Log) (end func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := createPrivate(path)
	if err != nil {
		return nil, usagef("the trace cannot be written: %w", err)
	}
	w := event.NewWriter(file)
	log.Subscribe(w.Add)
	return func() error { return errors.Join(w.Err(), file.Close()) }, nil
}

// createPrivate makes a file that may hold secrets, or empties it: it can be read by
// its owner alone, also if it was there with another mode. A pipe or a device stays
// as it is.
func createPrivate(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		if err = f.Chmod(0o600); err != nil && info.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s can be read by others, and may get secrets: %w; remove it or choose another name", path, err)
		} else {
			err = f.Truncate(0)
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// isTerminal reports whether w is a terminal, which shows colours.
func isTerminal(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && isScreen(w) }

// isScreen reports whether w is a terminal. The null device, which looks like one, has no reader.
func isScreen(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
