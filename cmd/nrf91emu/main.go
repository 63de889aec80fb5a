package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/profile"
)

// Exit codes; doc.go documents all of them.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work
	exitUsage  = 2 // the command line makes no sense
)

// A command is one of the program's commands: a struct of flags with a method Run.
type command struct {
	name, help string
	make       func() any
	hidden     bool
}

// commands are the commands in the order of the help.
var commands []command

// The commands help and complete look at the list, which therefore cannot be set where it
// is declared.
func init() {
	commands = []command{
		{"run", "Start a modem and print the path of its serial port.", newCommand[runCmd], false},
		{"lab", "Do the course exercise MQTT over TLS in a browser, without a board.", newCommand[labCmd], false},
		{"cloud", "Start servers to connect to, good ones and bad ones; or be a second client of the broker.", newCommand[cloudCmd], false},
		{"provision", "Store credentials in a modem, emulated or real: ask whether they are there, compare, write only what differs.", newCommand[provisionCmd], false},
		{"exec", "Run a test command against a modem, boot after boot, and judge how it provisions.", newCommand[execCmd], false},
		{"audit", "Judge a trace that was taken earlier.", newCommand[auditCmd], false},
		{"explain", "Explain a rule of the audit, or list all.", newCommand[explainCmd], false},
		{"age", "Start a device a million times and show its flash wearing out.", newCommand[ageCmd], false},
		{"vectors", "Play scripted AT exchanges on any port, emulated or real, or record one.", newCommand[vectorsCmd], false},
		{"compare", "Type or pipe in a session on a real modem and an emulated one at once, and see what differs.", newCommand[compareCmd], false},
		{"ctl", "Look at a running modem and handle it: power, credentials, wear, events.", newCommand[ctlCmd], false},
		{"flash", "Show the credentials and the wear in a state file.", newCommand[flashCmd], false},
		{"faults", "List what can be made to go wrong.", newCommand[faultsCmd], false},
		{"facts", "Show what is known about the real thing, with sources, and where the emulator differs from it.", newCommand[factsCmd], false},
		{"firmware", "Build firmware in C for an nRF91, unmodified, as a program of this machine.", newCommand[firmwareCmd], false},
		{"cert", "Turn certificates into C, look at them before they get into a modem, make good and bad ones.", newCommand[certCmd], false},
		{"profiles", "List the modems and the applications that can be emulated.", newCommand[profilesCmd], false},
		{"help", "Explain a topic, such as exit-codes, network, vectors, library; or a command.", newCommand[helpCmd], false},
		{"changes", "Print what changed from release to release.", newCommand[changesCmd], false},
		{"completion", "Print what makes a shell complete commands and flags: bash, zsh or fish.", newCommand[completionCmd], false},
		{"complete", "Print how a command line can go on, for a shell.", newCommand[completeCmd], true},
	}
}

func newCommand[C any]() any { return new(C) }

const about = `A fake nRF91 modem: it answers AT commands, keeps credentials in an emulated flash, and judges how firmware provisions them.

Begin with one of

  nrf91emu lab                                     an exercise in the browser
  nrf91emu run                                     a port to type AT commands on
  nrf91emu provision --port PORT --sec-tag 24 --ca ca.pem
                                                   store a certificate there
  nrf91emu exec --boots 3 -- COMMAND {port}        judge a program

Exit codes: 0 done; 1 it did not work, standard error says why; 2 the command line makes no sense; nrf91emu help exit-codes has all.`

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

// helpWithDefault is the help of a flag with what holds without it.
func helpWithDefault(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.Flag != nil && v.HasDefault && v.Default != "" && v.Default != "false" {
		help += " (default: " + v.Default + ")"
	}
	return help
}

// newParser returns the parser of some commands.
func newParser(std stdio, commands []command, exit func(int)) *kong.Kong {
	options := []kong.Option{
		kong.Name("nrf91emu"),
		kong.Description(about),
		kong.Writers(std.out, std.err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Bind(std),
		kong.ValueFormatter(helpWithDefault),
		kong.Vars{"version": versionText(), "cloud_dir": cloudDir, "profile": profile.Default, "app": dialects.Default,
			"port_help": "The modem's port: what nrf91emu run prints, a serial port, tcp:HOST:PORT or rfc2217:HOST:PORT."},
	}
	for _, c := range commands {
		var tags []string
		if c.hidden {
			tags = []string{`hidden:""`}
		}
		options = append(options, kong.DynamicCommand(c.name, c.help, "", c.make(), tags...))
	}
	parser, err := kong.New(new(globals), options...)
	if err != nil {
		panic(err) // the struct tags are wrong
	}
	return parser
}

// Main runs the command line and returns the exit code.
func Main(args []string, std stdio) int {
	std.args = args
	if len(args) == 0 {
		fmt.Fprintln(std.err, about+"\n\nAll commands: nrf91emu --help.")
		return exitUsage
	}
	c, code := parse(args, std)
	if c.run == nil {
		return code
	}
	err := c.reports.conflict()
	c.reports.empty()
	if err == nil {
		err = c.run()
	}
	if err == nil {
		return exitOK
	}
	c.reports.fail(c.name, err)
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

// A parsedLine is a command line that makes sense.
type parsedLine struct {
	name    string // of the command, with its arguments in brackets
	run     func() error
	reports reportFiles
}

// parse reads a command line. If there is nothing to run, it has said why, and returns
// the exit code.
func parse(args []string, std stdio) (p parsedLine, code int) {
	// Building the parser of a command takes longer than much of what the commands
	// do; only that of the one asked for is needed.
	wanted := commands
	if i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] }); i >= 0 {
		wanted = commands[i : i+1]
	}
	exit := -1
	parser := newParser(std, wanted, func(code int) { exit = code })
	ctx, err := parser.Parse(args)
	if exit >= 0 {
		return p, exit // --help was all that was wanted
	}
	if err != nil {
		if reports := unreadReports(args); reports.junit != "" {
			reports.empty()
			reports.fail(args[0], err)
		}
		fmt.Fprintln(std.err, misunderstood(err))
		return p, exitUsage
	}
	return parsedLine{ctx.Command(), func() error { return ctx.Run() }, reportsOf(ctx)}, exitOK
}

// misunderstood says what is wrong with a command line, and where help is.
func misunderstood(err error) string {
	command := ""
	if parse := (*kong.ParseError)(nil); errors.As(err, &parse) {
		if node := parse.Context.Selected(); node != nil {
			command = node.Path() + " "
		}
	}
	text := err.Error()
	if missing, ok := strings.CutPrefix(text, `expected "<`); ok && command != "" {
		text = command + "needs <" + strings.TrimSuffix(missing, `"`)
	}
	return fmt.Sprintf("nrf91emu: %s\nTry nrf91emu %s--help.", text, command)
}
