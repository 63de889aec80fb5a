package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"nrf91emu/emulator/audit/junit"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/lab"
)

// labCheck is nrf91emu lab check: solutions that were handed in, judged without a page.
type labCheck struct {
	Dir      string `arg:"" help:"A folder with solutions, or one solution: a script of AT commands EXERCISE.at, or an application in C, as a folder or a ZIP archive." type:"path"`
	Exercise string `help:"The exercise that they solve; without it, a script's name or first line says it." placeholder:"ID"`
	JUnit    string `help:"Write the result to FILE as JUnit XML." name:"junit" placeholder:"FILE" type:"path"`
	Labs     string `help:"Take the exercises from DIR in place of those that come along." placeholder:"DIR" type:"path"`
	Sandbox  bool   `help:"Build and run applications in C in a sandbox, where they reach nothing but their modem (Linux, bubblewrap); without, as programs of yours." default:"true" negatable:""`
	Profile  string `help:"Chip and modem firmware; see nrf91emu profiles." default:"${profile}" placeholder:"NAME"`
	Quiet    bool   `help:"Print one line per solution." short:"q"`
}

// Help is the long help of nrf91emu lab check.
func (*labCheck) Help() string {
	return `Each solution begins with a new modem and ends with the question which steps of the exercise hold. A script has AT commands, one a line, and beside them

  # a comment
  exercise: wrong-ca                  the exercise, first of all
  wait mqtt                           until a check holds; see nrf91emu lab --checks
  power on|off|cut|cycle
  plan-cut N                          power cut after N flash steps
  client connect mqtt-tls ca.pem      the second client; none trusts no CA
  client publish TOPIC MESSAGE
  button N

{ca.pem} in a command stands for the certificate. An application in C, a folder or a ZIP archive of it, is built and flashed, and what a student does with the board is done to it; files such as ca.pem are replaced by those of this run. In a folder of a class, each solution may lie in a folder that is named after the student; one without a solution is not done. It is built and run in a sandbox; where there is none, say --no-sandbox if you trust who wrote it.

Exit codes: 0 all steps of all solutions hold; 1 a step does not, or a solution could not be run; 2 there is no solution, or none makes sense.

Example:

  nrf91emu lab check solutions --junit report.xml`
}

// Run checks all solutions.
func (c *labCheck) Run(std stdio) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	cfg := lab.Config{Students: 1, Profile: c.Profile, NoPorts: true, Builds: lab.BuildNever, Cloud: cloud.Config{}}
	if c.Labs != "" {
		var folder fs.FS = os.DirFS(c.Labs)
		if _, err := fs.Stat(folder, "."); err != nil {
			return usagef("--labs %s is no folder that can be read: %w", c.Labs, err)
		}
		cfg.Exercises = folder
	}
	subs, err := c.find(cfg)
	if err != nil {
		return err
	}
	builds, err := c.builds(subs)
	if err != nil {
		return err
	}
	if builds == lab.BuildInSandbox { // the host SDK is compiled once for all
		if cfg.BuildCache, err = os.MkdirTemp("", "nrf91emu-check"); err != nil {
			return err
		}
		defer os.RemoveAll(cfg.BuildCache)
	}
	started := time.Now()
	var verdicts []*lab.Verdict
	passed := 0
	for _, sub := range subs {
		if sub.Dir != "" {
			cfg.Builds = builds
		} else {
			cfg.Builds = lab.BuildNever
		}
		v, err := checkOne(ctx, cfg, sub)
		if err != nil {
			return errors.Join(err, c.write(started, append(verdicts, &lab.Verdict{Submission: sub, Err: err})))
		}
		verdicts = append(verdicts, v)
		if v.Passed() {
			passed++
		}
		c.print(std.out, v)
	}
	if err := c.write(started, verdicts); err != nil {
		return err
	}
	if passed < len(subs) {
		return fmt.Errorf("%d of %d solutions are not done", len(subs)-passed, len(subs))
	}
	return nil
}

// find finds the solutions.
func (c *labCheck) find(cfg lab.Config) ([]lab.Submission, error) {
	l, err := lab.Open(cfg)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	subs, err := l.FindSubmissions(c.Dir, c.Exercise)
	if err != nil {
		return nil, usageError{err}
	}
	return subs, nil
}

// builds says how applications in C are built, if there are any. Code of others is run
// outside a sandbox only if that was asked for.
func (c *labCheck) builds(subs []lab.Submission) (lab.Builds, error) {
	i := slices.IndexFunc(subs, func(s lab.Submission) bool { return s.Dir != "" })
	if i < 0 {
		return lab.BuildNever, nil
	}
	if !c.Sandbox {
		return lab.BuildHere, nil
	}
	if err := lab.CanSandbox(); err != nil {
		return lab.BuildNever, fmt.Errorf("%s is an application in C, and %w; or say --no-sandbox if you trust who wrote it", subs[i].Name, err)
	}
	return lab.BuildInSandbox, nil
}

// checkOne checks one solution in a lab of its own.
func checkOne(ctx context.Context, cfg lab.Config, sub lab.Submission) (v *lab.Verdict, err error) {
	if sub.Err != nil { // it needs none
		return &lab.Verdict{Submission: sub, Err: sub.Err}, nil
	}
	l, err := lab.Open(cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	v, err = l.Check(ctx, sub)
	if ctx.Err() != nil {
		return nil, errors.New("the check was ended")
	}
	return v, err
}

// print tells how a solution stands. What a student has written, and what a compiler says
// about it, must not steer the terminal.
func (c *labCheck) print(w io.Writer, v *lab.Verdict) {
	out := &strings.Builder{}
	defer func() {
		io.WriteString(w, strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
				return '?'
			}
			return r
		}, out.String()))
	}()
	done := 0
	for _, s := range v.Steps {
		if s.Done {
			done++
		}
	}
	word := "not done"
	if v.Passed() {
		word = "done"
	}
	if v.Submission.Err != nil {
		fmt.Fprintf(out, "%s: not done: %v\n", v.Submission.Name, v.Err)
		return
	}
	fmt.Fprintf(out, "%s: %s, %s: %d of %d steps hold\n", v.Submission.Name, v.Exercise, word, done, len(v.Steps))
	if c.Quiet {
		return
	}
	if v.Said != "" {
		fmt.Fprintf(out, "%s", indent(v.Said))
	}
	for _, s := range v.Steps {
		if errors.Is(v.Err, lab.ErrNotBuilt) {
			break // none holds, for this one reason
		}
		if s.Done {
			fmt.Fprintf(out, "  ok    %s\n", s.Title)
		} else {
			fmt.Fprintf(out, "  open  %s: %s\n", s.Title, s.Why)
		}
	}
	if v.Err != nil {
		fmt.Fprintf(out, "  It was not done to its end: %s\n", strings.ReplaceAll(v.Err.Error(), "\n", "; "))
	}
}

func indent(text string) string {
	return "  | " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  | ") + "\n"
}

// write writes the report, if one is wanted.
func (c *labCheck) write(started time.Time, verdicts []*lab.Verdict) error {
	if c.JUnit == "" {
		return nil
	}
	host, _ := os.Hostname()
	suite := junit.Suite{Name: "nrf91emu lab check " + filepath.Base(c.Dir), Started: started, Took: time.Since(started), Host: host}
	for _, v := range verdicts {
		suite.Cases = append(suite.Cases, cases(v)...)
	}
	f, err := os.Create(c.JUnit)
	if err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	return errors.Join(suite.Write(f), f.Close())
}

// cases are a solution's steps as tests, with one before them for the solution itself.
func cases(v *lab.Verdict) []junit.Case {
	class := strings.TrimPrefix(v.Submission.Exercise+"."+v.Submission.Name, ".")
	first := junit.Case{Class: class, Name: "runs to its end", Took: v.Took, Out: v.Log + "\n" + v.Transcript, Err: v.Said}
	if v.Err != nil {
		first.Error = &junit.Problem{Type: "not-run", Message: strings.SplitN(v.Err.Error(), "\n", 2)[0], Text: v.Err.Error() + "\n" + v.Said}
	}
	list := []junit.Case{first}
	for _, s := range v.Steps {
		one := junit.Case{Class: class, Name: s.Title}
		if !s.Done {
			one.Failure = &junit.Problem{Type: "open", Message: s.Why, Text: s.Why}
		}
		list = append(list, one)
	}
	return list
}
