package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"nrf91emu/emulator/audit/junit"
)

// A reporter is a command that writes reports into files. They are emptied before it begins, so
// that one of an earlier run is never taken for one of this run, whatever ends it.
type reporter interface{ reports() reportFiles }

// reportFiles are paths; empty ones are none.
type reportFiles struct {
	junit  string
	others []string
	reads  []string // files that the command reads, which no report may have as its own
}

func (c *execCmd) reports() reportFiles {
	if c.PrintDevice {
		return reportFiles{}
	}
	r := reportFiles{junit: c.JUnit, others: []string{c.JSON, c.Trace}}
	if c.JUnit+c.JSON+c.Trace == "" {
		return r
	}
	r.reads = append([]string{c.configFile(), c.State, c.Device, c.Network, c.Positions}, c.Assume...)
	for _, text := range slices.Concat(c.With, c.Change, c.Expect) {
		_, file, _ := strings.Cut(text, "=")
		r.reads = append(r.reads, file)
	}
	return r
}
func (c *auditCmd) reports() reportFiles {
	if sameFile(c.JUnit, c.Trace) {
		return reportFiles{} // Run says so
	}
	return reportFiles{junit: c.JUnit, reads: []string{c.configFile()}}
}
func (c *labCheck) reports() reportFiles { return reportFiles{junit: c.JUnit} }
func (c *runCmd) reports() reportFiles {
	if c.PrintDevice {
		return reportFiles{}
	}
	return reportFiles{others: []string{c.Trace}}
}
func (c *firmwareRun) reports() reportFiles { return reportFiles{others: []string{c.Trace}} }

// reportsOf returns the reports of the command that was asked for.
func reportsOf(ctx *kong.Context) reportFiles {
	if ctx.Selected() == nil || !ctx.Selected().Target.CanAddr() {
		return reportFiles{}
	}
	if r, ok := ctx.Selected().Target.Addr().Interface().(reporter); ok {
		return r.reports()
	}
	return reportFiles{}
}

// unreadReports returns the report that a command line asks for which makes no sense, if what
// is there under that name is one.
func unreadReports(args []string) (r reportFiles) {
	for i, word := range args {
		name, path, inOne := strings.Cut(word, "=")
		switch {
		case word == "--":
			return r
		case name != "--junit":
			continue
		case !inOne && i+1 < len(args):
			path = args[i+1]
		}
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		head := make([]byte, 512)
		n, _ := io.ReadFull(f, head) // a short one is no report
		f.Close()
		if strings.Contains(string(head[:n]), "<testsuite") {
			r.junit = path
		}
	}
	return r
}

// empty empties the files that are there. One that cannot be emptied is removed, and what cannot
// be removed either is found when it is to be written.
func (r reportFiles) empty() {
	for _, path := range append(r.others, r.junit) {
		if path == "-" || !isRegular(path) {
			continue
		}
		if os.Truncate(path, 0) != nil {
			_ = os.Remove(path)
		}
	}
}

// conflict returns an error if two of the reports are one file, or if one is a file that the
// command reads: that one is no report then.
func (r *reportFiles) conflict() error {
	var before []string
	for _, p := range append([]*string{&r.junit}, pointersTo(r.others)...) {
		path := *p
		if path == "" {
			continue
		}
		if slices.ContainsFunc(r.reads, func(read string) bool { return samePlace(path, read) }) {
			*p = ""
			return usagef("%s would be overwritten by a report before it is read: give the report another file", path)
		}
		if slices.ContainsFunc(before, func(o string) bool { return samePlace(path, o) }) {
			if path == "-" {
				path = "standard output"
			}
			return usagef("two reports are to be written to %s: give each a file of its own", path)
		}
		before = append(before, path)
	}
	return nil
}

func pointersTo(list []string) (all []*string) {
	for i := range list {
		all = append(all, &list[i])
	}
	return all
}

// samePlace reports whether two paths are those of one file, which need not be there yet, or both
// standard output. A device such as /dev/null serves for many.
func samePlace(a, b string) bool {
	if a == b {
		_, err := os.Stat(a)
		return err != nil || isRegular(a)
	}
	return isRegular(a) && sameFile(a, b)
}

// sameFile reports whether two paths are those of one file that is there.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func isRegular(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.Mode().IsRegular()
}

// fail writes a JUnit report of a command that has failed before it wrote one: a test that could
// not be run. It does so only where nothing else is in the way.
func (r reportFiles) fail(command string, err error) {
	info, statErr := os.Stat(r.junit)
	if r.junit == "" || statErr == nil && (!info.Mode().IsRegular() || info.Size() > 0) {
		return
	}
	name := "nrf91emu " + command
	what := strings.TrimSpace(err.Error())
	if what == "" {
		what = "it has failed"
	}
	text := fmt.Sprintf("%s\nfix: Mend what it says; nothing was judged.\n", what)
	s := junit.Suite{Name: name, Cases: []junit.Case{{
		Class: name, Name: "runs to its end", Error: &junit.Problem{Type: "not-run", Message: strings.SplitN(what, "\n", 2)[0], Text: text},
	}}}
	_ = writeFile(r.junit, func(w io.Writer) error { return s.Write(w) }) // the exit code says it too
}
