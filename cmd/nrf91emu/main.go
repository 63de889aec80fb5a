package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/alecthomas/kong"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/profile"
)

// Exit codes. The README documents them.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work
	exitUsage  = 2 // the command line makes no sense
)

// A command is one of the program's commands: a struct of flags with a method Run.
type command struct {
	name, help string
	make       func() any
}

// commands are the commands in the order of the help.
var commands = []command{
	{"run", "Start a modem and print the path of its serial port.", newCommand[runCmd]},
	{"lab", "Do the course exercise MQTT over TLS in a browser, without a board.", newCommand[labCmd]},
	{"cloud", "Start servers to connect to, good ones and bad ones; or be a second client of the broker.", newCommand[cloudCmd]},
	{"provision", "Store credentials in a modem, emulated or real: ask whether they are there, compare, write only what differs.", newCommand[provisionCmd]},
	{"exec", "Run a test command against a modem, boot after boot, and judge how it provisions.", newCommand[execCmd]},
	{"audit", "Judge a trace that was taken earlier.", newCommand[auditCmd]},
	{"explain", "Explain a rule of the audit, or list all.", newCommand[explainCmd]},
	{"age", "Start a device a million times and show its flash wearing out.", newCommand[ageCmd]},
	{"vectors", "Play scripted AT exchanges on any port, emulated or real, or record one.", newCommand[vectorsCmd]},
	{"ctl", "Look at a running modem and handle it: power, credentials, wear, events.", newCommand[ctlCmd]},
	{"flash", "Show the credentials and the wear in a state file.", newCommand[flashCmd]},
	{"faults", "List what can be made to go wrong.", newCommand[faultsCmd]},
	{"facts", "Show what is known about the real thing, with sources, and where the emulator differs from it.", newCommand[factsCmd]},
	{"firmware", "Build firmware in C for an nRF91, unmodified, as a program of this machine.", newCommand[firmwareCmd]},
	{"cert", "Turn certificates into C, look at them before they get into a modem, make good and bad ones.", newCommand[certCmd]},
	{"profiles", "List the modems and the applications that can be emulated.", newCommand[profilesCmd]},
}

func newCommand[C any]() any { return new(C) }

const about = `A fake nRF91 modem on a virtual serial port.

Begin with

  nrf91emu run

which prints the path of a port. Open it with any terminal and type AT commands, or store a certificate in it with

  nrf91emu provision --port PATH --sec-tag 24 --ca ca.pem

Exit codes: 0 done; 1 it did not work, standard error says why; 2 the command line makes no sense.`

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	args     []string // of the program, without its name
}

func main() {
	os.Exit(Main(os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// A usageError is an error in what was asked for, as opposed to one in doing it.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// globals are the flags beside the commands.
type globals struct {
	Version kong.VersionFlag `help:"Print the version."`
}

// version returns the version of the program, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += "-" + s.Value
			}
		}
	}
	return v
}

// helpWithDefault is the help of a flag with what holds without it.
func helpWithDefault(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.Flag != nil && v.HasDefault && v.Default != "" && v.Default != "false" {
		help += " (default: " + v.Default + ")"
	}
	return help
}

// Main runs the command line and returns the exit code.
func Main(args []string, std stdio) int {
	std.args = args
	exit := -1
	options := []kong.Option{
		kong.Name("nrf91emu"),
		kong.Description(about),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Bind(std),
		kong.ValueFormatter(helpWithDefault),
		kong.Vars{"version": version(), "cloud_dir": cloudDir, "profile": profile.Default, "app": dialects.Default,
			"port_help": "The modem's port: what nrf91emu run prints, a serial port, tcp:HOST:PORT or rfc2217:HOST:PORT."},
	}
	// Building the parser of a command takes longer than much of what the commands
	// do; only that of the one asked for is needed.
	wanted := slices.IndexFunc(commands, func(c command) bool { return len(args) > 0 && c.name == args[0] })
	for i, c := range commands {
		if wanted < 0 || wanted == i {
			options = append(options, kong.DynamicCommand(c.name, c.help, "", c.make()))
		}
	}
	parser, err := kong.New(new(globals), options...)
	if err != nil {
		panic(err) // the struct tags are wrong
	}
	ctx, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help was all that was wanted
	}
	if err != nil {
		fmt.Fprintf(std.err, "nrf91emu: %v\nTry nrf91emu --help.\n", err)
		return exitUsage
	}
	if err := ctx.Run(); err != nil {
		if text := err.Error(); text != "" {
			fmt.Fprintf(std.err, "nrf91emu: %s\n", text)
		}
		var exit exitError
		switch {
		case errors.As(err, &exit):
			return exit.code
		case errors.As(err, new(usageError)):
			return exitUsage
		}
		return exitFailed
	}
	return exitOK
}
