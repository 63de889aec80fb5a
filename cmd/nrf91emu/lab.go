package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"

	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/lab"
	"nrf91emu/emulator/link"
)

// labCmd is nrf91emu lab.
type labCmd struct {
	Serve labServe `cmd:"" default:"withargs" help:"Serve the page (this is what nrf91emu lab does without a further word)."`
	Check labCheck `cmd:"" help:"Check solutions that were handed in, for a classroom's CI."`
}

// labServe is the course exercise as a page.
type labServe struct {
	Listen      string   `help:"Serve the page at ADDR; without it, 127.0.0.1:9191, or another port where that one is in use." placeholder:"ADDR"`
	AllowRemote bool     `help:"Let --listen be an address that others can reach; each seat's address then has a token."`
	PublicURL   string   `help:"Where the page is reached from outside, such as https://lab.example, if a proxy or a browser-only workspace is in between." name:"public-url" placeholder:"URL"`
	State       string   `help:"Keep flashes, certificates, addresses and what was done in DIR, so that a later start goes on and open pages come back." placeholder:"DIR" type:"path"`
	Dir         string   `help:"Take the exercises from DIR in place of those that come along; nrf91emu lab --checks lists what their steps may check." placeholder:"DIR" type:"path"`
	Students    int      `help:"Seats, each with a modem, a page and a token of its own, and a page for the teacher." default:"1" placeholder:"N"`
	Profile     string   `help:"Chip and modem firmware; see nrf91emu profiles." default:"${profile}" placeholder:"NAME"`
	App         string   `help:"Application in front of the modem." default:"serial-modem" placeholder:"NAME"`
	CloudName   []string `help:"A further host name of the servers; may be repeated." placeholder:"NAME" sep:"none"`
	Builds      bool     `help:"Let students of a class upload applications in C, which are built and run in a sandbox: no network but the modem's, no files but their own, limits on time, memory and processes (Linux, bubblewrap)."`
	Code        string   `help:"Where the applications of the exercises in C are put for your editor; the default is in --state, or the folder nrf91emu-lab." placeholder:"DIR" type:"path"`
	Checks      bool     `help:"List what a step may check, and end."`
}

// labCode is where students find applications in C, if nothing else is said.
const labCode = "nrf91emu-lab"

// labAddress is where the page is, if nothing else is said.
const labAddress = "127.0.0.1:9191"

// Run serves the lab until a signal.
func (c *labServe) Run(std stdio) (err error) {
	if c.Checks {
		_, err := fmt.Fprint(std.out, lab.Conditions())
		return err
	}
	if c.Students < 1 || c.Students > lab.MaxStudents {
		return usagef("--students must be between 1 and %d", lab.MaxStudents)
	}
	cfg := lab.Config{
		Dir: c.State, Students: c.Students, Profile: c.Profile, Application: c.App, PublicURL: c.PublicURL,
		Tokens: c.Students > 1 || c.AllowRemote || c.PublicURL != "",
		Cloud:  cloud.Config{Names: c.CloudName},
		// Some hundred modems are for their pages alone.
		NoPorts: c.Students > 1,
	}
	if c.Builds {
		if c.Students == 1 && !cfg.Tokens {
			return usagef("--builds is for a class; alone you build in a folder of your own")
		}
		cfg.Builds = lab.BuildInSandbox
	}
	if cfg.Code = c.Code; c.Code == "" && c.State == "" {
		cfg.Code = labCode
	}
	if c.Dir != "" {
		var folder fs.FS = os.DirFS(c.Dir)
		if _, err := fs.Stat(folder, "."); err != nil {
			return usagef("--dir: %w", err)
		}
		cfg.Exercises = folder
	}
	ln, err := c.listen()
	if err != nil {
		return err
	}
	defer ln.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	l, err := lab.Open(cfg)
	if errors.Is(err, lab.ErrNoSandbox) {
		return fmt.Errorf("%w, or leave --builds out", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	c.greet(std, l, ln.Addr().String())
	return l.Serve(ctx, ln)
}

func (c *labServe) listen() (net.Listener, error) {
	if c.Listen == "" {
		ln, err := net.Listen("tcp", labAddress)
		if err != nil {
			ln, err = net.Listen("tcp", "127.0.0.1:0")
		}
		return ln, err
	}
	addr, err := link.ListenAddress(c.Listen, c.AllowRemote)
	if err != nil {
		return nil, usagef("--listen: %w", err)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("the page cannot be served: %w", err)
	}
	return ln, nil
}

// greet prints where the pages are.
func (c *labServe) greet(std stdio, l *lab.Lab, addr string) {
	base := "http://" + addr
	if c.PublicURL != "" {
		base = c.PublicURL
	}
	if len(l.Seats()) == 1 && c.PublicURL == "" && !c.AllowRemote {
		fmt.Fprintf(std.out, "%s/\n", base)
	} else {
		for _, s := range l.Seats() {
			fmt.Fprintf(std.out, "seat %d  %s%s\n", s.N, base, s.PagePath())
		}
		fmt.Fprintf(std.out, "teacher  %s%s\n", base, l.TeacherPath())
	}
	where := "in memory; --state DIR keeps it"
	if c.State != "" {
		where = "kept in " + c.State
	}
	fmt.Fprintf(std.err, "\nOpen the address in a browser: the exercise \"MQTT over TLS\", without a board and without internet.\n")
	if path := l.Seats()[0].Path; path != "" && len(l.Seats()) == 1 {
		fmt.Fprintf(std.err, "The modem is also on %s, and its root certificate is %s.\n", path, filepath.Join(l.Dir(), cloud.FileCA))
	}
	for _, text := range c.missing(l, addr) {
		fmt.Fprintln(std.err, text)
	}
	fmt.Fprintf(std.err, "What is done is %s. Ctrl-C ends it.\n", where)
}

// browsers are programs that open a page on this machine.
var browsers = []string{"xdg-open", "firefox", "chromium", "google-chrome", "chrome", "brave-browser", "microsoft-edge", "epiphany", "wslview"}

// missing says what cannot be done on this machine, and what to do instead.
func (c *labServe) missing(l *lab.Lab, addr string) (list []string) {
	if c.Students == 1 || c.Builds {
		if _, err := build.Compiler(); err != nil {
			list = append(list, "The exercise in C cannot be done yet: "+err.Error()+". Everything else can.")
		}
	}
	if c.Students == 1 && l.Seats()[0].Path == "" {
		list = append(list, "This system gives no serial port to other programs; the terminal in the page does.")
	}
	if runtime.GOOS == "linux" && c.PublicURL == "" && !c.AllowRemote && !slices.ContainsFunc(browsers, func(b string) bool { _, err := osexec.LookPath(b); return err == nil }) {
		_, port, _ := net.SplitHostPort(addr)
		list = append(list, fmt.Sprintf("There seems to be no browser here. From a machine with one: ssh -L %s:%s THIS-MACHINE, then open the address there.", port, addr))
	}
	return list
}
