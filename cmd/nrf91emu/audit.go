package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
)

// judging is the flags that say how strictly a record is judged.
type judging struct {
	Config      string   `help:"Rules and budgets in YAML; nrf91emu.yaml is read if it is there." placeholder:"FILE" type:"path"`
	Rule        []string `help:"Change the level of a rule: P16=off, written-without-asking=error; off, info, warning or error." placeholder:"RULE=LEVEL"`
	BootsPerDay float64  `help:"How often a day the device starts, for lifetimes in years." placeholder:"N"`
}

func (c *judging) options() (audit.Options, error) {
	var o audit.Options
	path := c.Config
	if path == "" {
		path = audit.ConfigName
	}
	f, err := os.Open(path)
	switch {
	case err == nil:
		defer f.Close()
		if o, err = audit.LoadConfig(f); err != nil {
			return o, usagef("%s: %w", path, err)
		}
	case c.Config != "" || !errors.Is(err, fs.ErrNotExist):
		return o, usagef("the rules cannot be read: %w", err)
	}
	for _, word := range c.Rule {
		if err := o.Set(word); err != nil {
			return o, usagef("--rule: %w", err)
		}
	}
	if c.BootsPerDay != 0 {
		o.BootsPerDay = c.BootsPerDay
	}
	if err := o.Check(); err != nil {
		return o, usagef("%w", err)
	}
	return o, nil
}

// print writes a report for a person or a program: JSON to standard output, text
// to standard error beside the output of the command that was judged, and
// annotations where GitHub reads them.
func (*judging) print(std stdio, r *audit.Report, json bool) error {
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		if err := r.WriteGitHub(std.out); err != nil {
			return err
		}
	}
	if json {
		return r.WriteJSON(std.out)
	}
	return r.WriteText(std.err, audit.TextOptions{Color: isTerminal(std.err)})
}

// auditCmd is nrf91emu audit.
type auditCmd struct {
	judging
	AllowIdle bool   `help:"Let a trace pass in which no command was sent; without it that is a failure."`
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
	options, err := c.options()
	if err != nil {
		return err
	}
	options.AllowIdle = c.AllowIdle
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
	a := audit.New(options)
	if err := a.Read(in); err != nil {
		return fmt.Errorf("%s: %w", c.Trace, err)
	}
	r := a.Report()
	if c.JUnit != "" {
		if err := writeFile(c.JUnit, func(w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") }); err != nil {
			return err
		}
	}
	if err := c.print(std, r, c.JSON); err != nil {
		return err
	}
	if !r.Sound {
		return exitError{code: exec.ExitFindings}
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
func isTerminal(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && isCharDevice(w) }

// isCharDevice reports whether w is a terminal, or the null device.
func isCharDevice(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}
