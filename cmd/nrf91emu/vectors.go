package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

// vectorsCmd is nrf91emu vectors.
type vectorsCmd struct {
	Port    string `help:"Play on this port: what nrf91emu run prints, a serial port, tcp:HOST:PORT or rfc2217:HOST:PORT. Without it, on emulated modems of all profiles and applications." placeholder:"PATH"`
	Baud    int    `help:"Baud rate of a serial port." default:"115200"`
	Profile string `help:"The modem's chip and firmware; without it, a modem on a port is asked." placeholder:"NAME"`
	App     string `help:"The application that owns the UART; without it, a modem of nrf91emu is asked and a real one is taken to have the AT Client sample." placeholder:"NAME"`

	Provide []string      `help:"With --port: what the modem is ready for, as vectors name it: fresh, writes, sim=ready, network=home, attach-delay=0, store=full." placeholder:"WORD"`
	Reset   bool          `help:"With --port: before each vector delete all credentials of an emulated modem and cut its power, which makes it fresh, ready for writes too."`
	Timeout time.Duration `help:"How long to wait for an expected line." default:"5s"`
	Settle  time.Duration `help:"How long the modem must be quiet for an answer to be over." default:"100ms"`
	List    bool          `help:"List the vectors and what each one shows."`

	Answers string `help:"With --port and --provide writes: ask the modem what no source settles, with credentials made for it under a free security tag, and write what it answers into FILE, for --assume." placeholder:"FILE" type:"path"`

	Record string `help:"Record a vector into FILE from a live session on --port. The session goes through a second port, whose path is printed, until Ctrl-C." placeholder:"FILE" type:"path"`
	Link   string `help:"With --record: make a symlink at PATH to the second port; it is removed at the end." placeholder:"PATH"`
	Stdio  bool   `help:"With --record: type the session here, or pipe it in, in place of the second port."`
	Title  string `help:"With --record: what the session shows, in a sentence."`
	Secret bool   `help:"With --record: keep private keys and pre-shared keys beside the vector." name:"show-secrets"`

	Names []string `arg:"" optional:"" help:"Vectors to play: files, folders, or parts of the project's own such as cmng; without any, all of these." placeholder:"FILE"`
}

// Help is the long help of nrf91emu vectors.
func (*vectorsCmd) Help() string {
	return `A vector is a scripted exchange in a text file: what to send, what to expect to the byte, and why. The format is described in the package testvectors.

Exit codes: 0 nothing differs; 3 something differs; 1 the vectors could not be played; 2 the command line or a vector makes no sense.

Examples:

  nrf91emu vectors                                     play all on emulated modems
  nrf91emu vectors --port /dev/ttyACM0 --provide writes cmng mine.txt
  nrf91emu vectors --port /dev/ttyACM0 --record mine/list.txt --stdio`
}

// Run plays or records.
func (c *vectorsCmd) Run(std stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	switch {
	case c.Record != "":
		return c.record(ctx, std)
	case c.Answers != "":
		return c.askAnswers(ctx, std)
	}
	scripts, err := c.load()
	if err != nil {
		return err
	}
	if c.List {
		for _, s := range scripts {
			fmt.Fprintf(std.out, "%s: %s\n", s.Name, s.Title())
		}
		return nil
	}
	tally := &vectorTally{out: std.out}
	if c.Port != "" {
		err = c.playPort(ctx, scripts, tally)
	} else {
		err = c.playEmulated(ctx, scripts, tally)
	}
	if err != nil {
		return err
	}
	return tally.conclude()
}

// check finds flags that do not go together or name nothing.
func (c *vectorsCmd) check() error {
	switch {
	case c.Port == "" && (c.Reset || len(c.Provide) > 0 || c.Record != "" || c.Answers != ""):
		return usagef("--reset, --provide, --record and --answers are for a modem on a --port")
	case c.Answers != "" && (c.Record != "" || c.Reset || len(c.Names) > 0):
		return usagef("--answers plays no vectors and records none; leave the rest out")
	case c.Answers != "" && !slices.Contains(c.Provide, "writes"):
		return usagef("--answers writes the modem's flash some eight times, under a security tag that is free, and deletes what it has written; it goes online for a moment. Say --provide writes if that is all right")
	case c.Record == "" && (c.Stdio || c.Link != "" || c.Title != "" || c.Secret):
		return usagef("--stdio, --link, --title and --show-secrets are for --record")
	case c.Record != "" && len(c.Names) > 0:
		return usagef("--record plays no vectors; leave out %s", c.Names[0])
	}
	if err := errors.Join(atLeast("--baud", c.Baud, minBaud), someTime("--timeout", c.Timeout), someTime("--settle", c.Settle)); err != nil {
		return err
	}
	if c.App != "" {
		if _, err := dialects.Lookup(c.App); err != nil {
			return usagef("%w", err)
		}
	}
	if c.Profile != "" {
		if _, err := profile.Lookup(c.Profile); err != nil {
			return usagef("%w", err)
		}
	}
	return nil
}

// load reads the vectors that are named.
func (c *vectorsCmd) load() ([]*testvectors.Script, error) {
	if len(c.Names) == 0 {
		return testvectors.Load(testvectors.All())
	}
	var all []*testvectors.Script
	for _, name := range c.Names {
		scripts, err := loadVectors(name)
		if err != nil {
			return nil, usageError{err}
		}
		if len(scripts) == 0 {
			return nil, usagef("%s: there is no vector, which is a file that ends in .txt", name)
		}
		all = append(all, scripts...)
	}
	return all, nil
}

// loadVectors reads a file, a folder, or a part of the project's own vectors.
func loadVectors(name string) ([]*testvectors.Script, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return testvectors.Load(os.DirFS(name))
	case err == nil:
		s, err := testvectors.ParseFS(os.DirFS(filepath.Dir(name)), filepath.Base(name))
		return []*testvectors.Script{s}, err
	}
	own, ownErr := testvectors.Load(testvectors.All())
	if ownErr != nil {
		return nil, ownErr
	}
	own = slices.DeleteFunc(own, func(s *testvectors.Script) bool {
		_, short, _ := strings.Cut(s.Name, "/") // without modem or app
		folder := strings.TrimSuffix(name, "/") + "/"
		return s.Name != name && short != name && !strings.HasPrefix(s.Name, folder) && !strings.HasPrefix(short, folder)
	})
	if len(own) == 0 {
		return nil, fmt.Errorf("%w; and the project's own vectors have none of that name, see --list", err)
	}
	return own, nil
}

// playEmulated plays on emulated modems in this process, of all profiles and
// applications that each vector names.
func (c *vectorsCmd) playEmulated(ctx context.Context, scripts []*testvectors.Script, tally *vectorTally) error {
	// Time is virtual, so that a play takes what the processor needs for it. They are
	// told about in order.
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	plays := make([][]*play, len(scripts))
	for i, s := range scripts {
		for _, p := range c.playsOf(s) {
			plays[i] = append(plays[i], p)
			go func() {
				defer close(p.done)
				slots <- struct{}{}
				defer func() { <-slots }()
				p.run(ctx, c.Timeout, c.Settle)
			}()
		}
	}
	var err error
	for i, s := range scripts {
		var results []*testvectors.Result
		var failed error
		for _, p := range plays[i] {
			<-p.done
			results = append(results, p.result)
			if failed == nil {
				failed = p.err
			}
		}
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		tally.add(s, results)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// play is one vector on one emulated modem.
type play struct {
	script  *testvectors.Script
	profile profile.Profile
	dialect *app.Dialect
	result  *testvectors.Result
	err     error
	done    chan struct{}
}

// playsOf returns a play for each modem that a vector holds for.
func (c *vectorsCmd) playsOf(s *testvectors.Script) (plays []*play) {
	for _, p := range profile.All() {
		for _, d := range dialects.All() {
			if (c.Profile == "" || c.Profile == p.Name) && (c.App == "" || c.App == d.Name) && s.HoldsFor(p.Name, d.Name) {
				plays = append(plays, &play{script: s, profile: p, dialect: d, done: make(chan struct{})})
			}
		}
	}
	return plays
}

func (p *play) run(ctx context.Context, timeout, settle time.Duration) {
	if p.err = context.Cause(ctx); p.err == nil {
		p.result, p.err = vectors.Play(p.script, p.profile, p.dialect, timeout, settle)
	}
}

// playPort plays on a port.
func (c *vectorsCmd) playPort(ctx context.Context, scripts []*testvectors.Script, tally *vectorTally) error {
	who, err := c.identify(ctx)
	if err != nil {
		return err
	}
	defer who.close()
	rw, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return err
	}
	port := testvectors.NewPort(rw)
	defer port.Close()
	target := testvectors.Target{
		Port: port, Layout: who.layout, Profile: who.profile, Provides: map[string]string{},
		Timeout: c.Timeout, Settle: c.Settle,
		CommandSecrets: vectors.CommandSecrets, AnswerSecrets: vectors.AnswerSecrets,
		Waiting: func(what string) { fmt.Fprintln(os.Stderr, what) },
	}
	for _, word := range c.Provide {
		key, value, _ := strings.Cut(word, "=")
		target.Provides[key] = value
	}
	if who.control != nil {
		target.Control = who.control
	}
	if c.Reset {
		if who.control == nil {
			return usagef("--reset: %s is no port of a running nrf91emu, and credentials of a real modem are not deleted wholesale", c.Port)
		}
		target.Provides["fresh"], target.Provides["writes"] = "", ""
	}
	fmt.Fprintf(tally.out, "%s is %s with the application %s.\n", c.Port, who.profile, who.layout.Name)
	for _, s := range scripts {
		if c.Reset {
			if err := who.control.reset(ctx); err != nil {
				return err
			}
		}
		r, err := testvectors.Play(ctx, s, target)
		if err != nil {
			return err
		}
		tally.add(s, []*testvectors.Result{r})
	}
	return nil
}
