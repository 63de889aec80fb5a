package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
)

// outputs are where the result of exec goes. The files are made before the first boot,
// so that a run is not made in vain, and no report of an earlier run is taken for its
// own.
type outputs struct {
	std     stdio
	trace   *event.Writer
	forms   []outputForm
	closers []io.Closer
}

// An outputForm is one form of the result, and where it goes.
type outputForm struct {
	to    io.Writer
	write func(*exec.Result, io.Writer) error
}

// openOutputs makes the files that flags and environment ask for.
func (c *execCmd) openOutputs(std stdio) (o *outputs, err error) {
	o = &outputs{std: std}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	add := func(path string, open func(string) (*os.File, error), write func(*exec.Result, io.Writer) error) error {
		if path == "" {
			return nil
		}
		if path == "-" {
			o.forms = append(o.forms, outputForm{std.out, write})
			return nil
		}
		f, err := open(path)
		if err != nil {
			return fmt.Errorf("an output cannot be written: %w", err)
		}
		o.closers = append(o.closers, f)
		o.forms = append(o.forms, outputForm{f, write})
		return nil
	}
	junit := func(r *exec.Result, w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") }
	if err := errors.Join(add(c.JUnit, os.Create, junit), add(c.JSON, os.Create, (*exec.Result).WriteJSON)); err != nil {
		return o, err
	}
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		o.forms = append(o.forms, outputForm{std.err, (*exec.Result).WriteGitHub})
	}
	if err := add(os.Getenv("GITHUB_STEP_SUMMARY"), openAppend, (*exec.Result).WriteMarkdown); err != nil {
		return o, err
	}
	o.forms = append(o.forms, outputForm{std.err, func(r *exec.Result, w io.Writer) error {
		return r.WriteText(w, audit.TextOptions{Color: isTerminal(w)})
	}})
	if c.Trace != "" {
		f, err := createPrivate(c.Trace)
		if err != nil {
			return o, fmt.Errorf("the trace cannot be written: %w", err)
		}
		o.closers = append(o.closers, f)
		o.trace = event.NewWriter(f)
	}
	return o, nil
}

func openAppend(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
}

func (o *outputs) close() error {
	var errs []error
	for _, c := range o.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// conclude writes the result in all forms, and returns the error that stands for the
// exit code. An output that is lost is an error also where all else is well.
func (o *outputs) conclude(r *exec.Result) error {
	var errs []error
	for _, f := range o.forms {
		errs = append(errs, f.write(r, f.to))
	}
	if o.trace != nil {
		errs = append(errs, o.trace.Err())
	}
	errs = append(errs, o.close())
	if err := errors.Join(errs...); err != nil {
		return exitError{exec.ExitHarness, "an output cannot be written: " + err.Error()}
	}
	if r.ExitCode != 0 {
		return exitError{code: r.ExitCode}
	}
	return nil
}
