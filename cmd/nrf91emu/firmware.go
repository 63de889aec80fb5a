package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/firmware/build/diag"
)

// firmwareCmd is nrf91emu firmware: firmware in C on the host.
type firmwareCmd struct {
	Build firmwareBuild `cmd:"" help:"Compile an application for an nRF91 as it is, for this machine."`
	Run   firmwareRun   `cmd:"" help:"Build an application, start a modem, and run it, with its console, LEDs and buttons on the terminal."`
	SDK   firmwareSDK   `cmd:"" name:"sdk" help:"Write the host SDK into a folder, for a build of your own."`

	NativeSim firmwareNativeSim `cmd:"" help:"Say how a Zephyr build for native_sim could use the modem (untried)."`
}

// building is the flags that say what is built and how.
type building struct {
	Dir string `arg:"" help:"The application's folder, with prj.conf, CMakeLists.txt and src." type:"path"`

	Out           string            `help:"The build folder; without it, build in the application's folder." short:"o" placeholder:"DIR" type:"path"`
	Conf          []string          `help:"Set further options from FILE, over prj.conf. May be repeated." placeholder:"FILE" sep:"none"`
	Board         string            `help:"The board, such as nrf9160dk/nrf9160/ns; without it, a development kit that the release of the SDK has." short:"b" placeholder:"NAME"`
	NCS           string            `help:"The release of nRF Connect SDK, 2.2 to 3.4; without it, what the application asks for." name:"ncs" placeholder:"X.Y"`
	Define        map[string]string `help:"Set a variable for CMakeLists.txt. May be repeated." short:"D" placeholder:"NAME=VALUE"`
	CC            string            `help:"The C compiler; without it, $CC or cc." name:"cc" placeholder:"PROGRAM"`
	CFlags        string            `help:"Further options for the compiler and the linker, such as -fsanitize=address." name:"cflags" placeholder:"OPTIONS"`
	SDK           string            `help:"Use the host SDK in DIR in place of the one inside nrf91emu." name:"sdk" placeholder:"DIR" type:"path"`
	IgnoreUnknown bool              `help:"Build all the same where a CMake command is not understood."`
	Quiet         bool              `help:"Leave out notes and what was done." short:"q"`
}

// load reads the application and prints what was found in it.
func (c *building) load(std stdio) (*build.Project, error) {
	opt := build.Options{
		Dir: c.Dir, Out: c.Out, Conf: c.Conf, Board: c.Board, Vars: c.Define, SDK: firmware.SDK(), SDKDir: c.SDK,
		Compiler: c.CC, Flags: strings.Fields(c.CFlags), Lenient: c.IgnoreUnknown,
	}
	if c.NCS != "" {
		v, err := build.ParseNCS(c.NCS)
		if err != nil {
			return nil, usagef("--ncs: %w", err)
		}
		opt.NCS = v
	}
	p, err := build.Load(opt)
	if p != nil {
		for _, f := range p.Findings {
			if f.Severity == diag.Warning || f.Severity == diag.Note && !c.Quiet {
				fmt.Fprintln(std.err, f)
			}
		}
		for _, g := range p.Generated {
			inspectCarried(std.err, g.From)
		}
	}
	return p, err
}

// inspectCarried says what is wrong with a credential that an application carries. The program is
// built all the same: a wrong one may be what an exercise is about.
func inspectCarried(w io.Writer, file string) {
	name := strings.ToLower(filepath.Base(file))
	if !slices.Contains([]string{".pem", ".crt", ".cer", ".key", ".der"}, filepath.Ext(name)) {
		return
	}
	c := credentialFile{File: file}
	if !strings.Contains(name, "key") && filepath.Ext(name) != ".der" {
		c.Type = "ca"
		if strings.Contains(name, "client") || strings.Contains(name, "device") {
			c.Type = "cert"
		}
	}
	text, typ, err := c.read()
	if err != nil {
		fmt.Fprintf(w, "warning: %v\n", err)
		return
	}
	var said strings.Builder
	complain(&said, typ, text)
	for line := range strings.Lines(said.String()) {
		fmt.Fprintf(w, "%s: %s", shortPath(file), line)
	}
}

// make builds the program and says what was done.
func (c *building) make(ctx context.Context, std stdio, p *build.Project) (build.Result, error) {
	if err := needsUnix("firmware in C", "do the exercises in AT commands with nrf91emu lab"); err != nil {
		return build.Result{}, err
	}
	start := time.Now()
	res, err := p.Build(ctx, std.err, isTerminal(std.err))
	if err != nil || c.Quiet {
		return res, err
	}
	did := fmt.Sprintf("%d compiled, %d up to date", res.Compiled, res.Reused)
	if !res.Linked {
		did = "up to date"
	}
	fmt.Fprintf(std.err, "nRF Connect SDK %s (%s), board %s: %s, %.1f s\n", p.NCS, p.WhyNCS, p.Board, did, time.Since(start).Seconds())
	return res, nil
}

// firmwareBuild is nrf91emu firmware build.
type firmwareBuild struct {
	building
	Print         bool   `help:"Print the commands of the build, for a shell, and do not run them."`
	Makefile      string `help:"Write a Makefile that builds the program to FILE, or - for standard output, and do not build." placeholder:"FILE"`
	CMakeFragment string `help:"Write a file for CMake to include, which makes the program a target, to FILE, or - for standard output, and do not build." name:"cmake-fragment" placeholder:"FILE"`
}

// Help is the long help of nrf91emu firmware build.
func (*firmwareBuild) Help() string {
	return `It reads prj.conf, boards/*.conf, Kconfig and CMakeLists.txt, and compiles the sources together with the host SDK, which stands for Nordic's libraries and Zephyr. What is not understood is listed with file and line: an error where it would change the program, a note where it makes no difference. The path of the program goes to standard output.

Example:

  nrf91emu firmware build lesson4
  nrf91emu exec --boots 3 -- lesson4/build/app`
}

// Run builds, or writes what would be done.
func (c *firmwareBuild) Run(std stdio) error {
	p, err := c.load(std)
	if err != nil {
		return err
	}
	for _, w := range []struct {
		to   string
		make func() ([]byte, error)
	}{
		{map[bool]string{true: "-"}[c.Print], func() ([]byte, error) { s, err := p.Commands(); return []byte(s), err }},
		{c.Makefile, p.Makefile},
		{c.CMakeFragment, p.CMakeFragment},
	} {
		if w.to == "" {
			continue
		}
		text, err := w.make()
		if err != nil {
			return err
		}
		if w.to == "-" {
			_, err = std.out.Write(text)
		} else {
			err = os.WriteFile(w.to, text, 0o666)
		}
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	res, err := c.make(ctx, std, p)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.out, shortPath(res.Program))
	return nil
}

// shortPath returns a path relative to the working directory, if it is below it.
func shortPath(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}

// firmwareSDK is nrf91emu firmware sdk.
type firmwareSDK struct {
	Dir string `arg:"" help:"The folder; it is made." type:"path"`
}

// Run writes the host SDK.
func (c *firmwareSDK) Run(std stdio) error {
	if err := build.WriteSDK(firmware.SDK(), c.Dir); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "The host SDK is in %s; its README.md says how it is compiled.\n", shortPath(c.Dir))
	return nil
}

// firmwareNativeSim is nrf91emu firmware native-sim.
type firmwareNativeSim struct{}

// Run prints the page.
func (*firmwareNativeSim) Run(std stdio) error {
	_, err := io.WriteString(std.out, firmware.NativeSim)
	return err
}
