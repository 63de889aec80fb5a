// Nrf91emu is a fake nRF91 modem on a virtual serial port: it answers AT
// commands, keeps credentials in an emulated flash that counts its wear, and says
// what provisioning them has cost.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/modem"
)

// Exit codes. The README documents them.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work
	exitUsage  = 2 // the command line makes no sense
)

// cli is the command line.
type cli struct {
	Run       runCmd       `cmd:"" help:"Start a modem and print the path of its serial port."`
	Provision provisionCmd `cmd:"" help:"Store credentials in a modem, emulated or real: ask whether they are there, compare, write only what differs."`
	Exec      execCmd      `cmd:"" help:"Run a test command against a modem, boot after boot, and judge how it provisions."`
	Audit     auditCmd     `cmd:"" help:"Judge a trace that was taken earlier."`
	Flash     flashCmd     `cmd:"" help:"Show the credentials and the wear in a state file."`
	Profiles  profilesCmd  `cmd:"" help:"List the modems and the applications that can be emulated."`
}

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
}

func main() {
	os.Exit(Main(os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// A usageError is an error in what was asked for, as opposed to one in doing it.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// Main runs the command line and returns the exit code.
func Main(args []string, std stdio) int {
	exit := -1
	parser, err := kong.New(new(cli),
		kong.Name("nrf91emu"),
		kong.Description(about),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Bind(std),
		kong.Vars{"profile": modem.DefaultProfile, "app": app.DefaultDialect},
	)
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
