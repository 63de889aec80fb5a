package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

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
	// again takes back what was written; nil where that cannot be.
	again func() error
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
			o.forms = append(o.forms, outputForm{to: std.out, write: write})
			return nil
		}
		f, err := open(path)
		if err != nil {
			return fmt.Errorf("an output cannot be written: %w", err)
		}
		o.closers = append(o.closers, f)
		o.forms = append(o.forms, outputForm{f, write, rewinder(f)})
		return nil
	}
	junit := func(r *exec.Result, w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") }
	if err := errors.Join(add(c.JUnit, os.Create, junit), add(c.JSON, os.Create, (*exec.Result).WriteJSON)); err != nil {
		return o, err
	}
	if err := add(os.Getenv("GITHUB_STEP_SUMMARY"), openAppend, (*exec.Result).WriteMarkdown); err != nil {
		return o, err
	}
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		o.forms = append(o.forms, outputForm{to: std.err, write: (*exec.Result).WriteGitHub})
	}
	// What people read is last: it tells what has become of the others.
	o.forms = append(o.forms, outputForm{to: std.err, write: func(r *exec.Result, w io.Writer) error {
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

// rewinder returns what takes back all that is written to a file from now on; nil for one that
// is no regular one.
func rewinder(f *os.File) func() error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return func() error {
		_, err := f.Seek(info.Size(), io.SeekStart)
		return errors.Join(err, f.Truncate(info.Size()))
	}
}

func (o *outputs) close() error {
	var errs []error
	for _, c := range o.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// conclude writes the result in all forms, and returns the error that stands for the
// exit code. An output that is lost makes it a failure, also where all else is well, and those
// that were written before say so too. One that nobody reads any more is not lost.
func (o *outputs) conclude(r *exec.Result) error {
	if o.trace != nil {
		if err := o.trace.Err(); err != nil {
			r.Fail(fmt.Errorf("the trace cannot be written: %w", err))
		}
	}
	for i, f := range o.forms {
		err := f.write(r, f.to)
		if err == nil || f.again == nil && errors.Is(err, syscall.EPIPE) {
			continue
		}
		r.Fail(fmt.Errorf("an output cannot be written: %w", err))
		if f.again != nil {
			_ = f.again() // half a report might be taken for one
		}
		for _, before := range o.forms[:i] {
			if before.again != nil && before.again() == nil {
				_ = before.write(r, before.to) // what is wrong stands in the other outputs
			}
		}
	}
	if err := o.close(); err != nil {
		return exitError{exec.ExitHarness, "an output cannot be written: " + err.Error()}
	}
	if r.ExitCode != 0 {
		return exitError{code: r.ExitCode}
	}
	return nil
}

// outlivePipes has a write to a pipe that nobody reads fail, and not end the program: the
// reports are still to come.
func outlivePipes() (undo func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}
