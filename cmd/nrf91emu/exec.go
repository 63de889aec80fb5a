package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Exit codes of nrf91emu exec beside the command's own.
const (
	exitFindings = 3   // provisioning is not sound
	exitTimeout  = 124 // the command did not end in time; the number that timeout(1) uses
	exitExec     = 125 // nrf91emu exec itself failed
)

// execCmd is nrf91emu exec.
type execCmd struct {
	device
	faults
	withCloud

	Boots   int           `help:"Start the modem, and the command, N times with the flash kept." default:"1" placeholder:"N"`
	Timeout time.Duration `help:"How long the command may run in each boot." default:"1m"`
	With    []string      `help:"Start with a credential in the store: TAG:TYPE=FILE, TYPE being ca, cert, key, psk, identity or a number." placeholder:"TAG:TYPE=FILE"`
	Change  []string      `help:"Put a credential into the store before a boot: BOOT:TAG:TYPE=FILE; without =FILE it is deleted." placeholder:"BOOT:TAG:TYPE=FILE"`

	BootEndsOnline bool          `help:"End each boot at the OK of the first AT+CFUN=1 or AT+CFUN=21."`
	BootEnds       time.Duration `help:"End each boot after some time." placeholder:"TIME"`
	BootEndsAt     string        `help:"End each boot at a line with TEXT, of the console or of what the command prints." placeholder:"TEXT"`
	BootEndsIdle   time.Duration `help:"End each boot when no command, no byte of a socket and no line of the console has come for some time; 2s for firmware at the library interface if no --boot-ends... is given." placeholder:"TIME"`

	PowerCut string `help:"Cut the power during flash step N, or in turn during each with all, and judge the recovery." placeholder:"N|all"`

	judging
	JSON        bool   `help:"Print the report as JSON."`
	JUnit       string `help:"Write the report as JUnit XML to FILE." name:"junit" placeholder:"FILE" type:"path"`
	Trace       string `help:"Write all that happens to FILE, as JSON Lines." placeholder:"FILE" type:"path"`
	ShowSecrets bool   `help:"Do not mask private keys and pre-shared keys in the trace."`

	Command []string `arg:"" help:"The command to run, behind --. It finds the port in NRF91EMU_PORT, the library interface for firmware in C in NRF91EMU_LIBRARY and the number of the boot in NRF91EMU_BOOT." passthrough:""`
}

// Help is the long help of nrf91emu exec.
func (*execCmd) Help() string {
	return `Exit codes: 0 provisioning is sound; 3 findings at error level; 124 the command did not end in time; 125 nrf91emu itself failed; 2 the command line makes no sense; otherwise the command's own code, if it failed.

Example:

  nrf91emu exec --boots 3 --junit report.xml -- ./my-firmware-test`
}

// Run runs the command and judges what it did.
func (c *execCmd) Run(std stdio) (err error) {
	endCloud, err := c.withCloud.begin(&c.device)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endCloud()) }()
	cfg, err := c.runConfig(std)
	if err != nil {
		return err
	}
	if cfg.Device.Flash != nil {
		defer func() { err = errors.Join(err, cfg.Device.Flash.Close()) }()
	}
	if c.Trace != "" {
		trace, openErr := createPrivate(c.Trace)
		if openErr != nil {
			return usagef("the trace cannot be written: %w", openErr)
		}
		defer trace.Close()
		w := event.NewWriter(trace)
		cfg.Record = w.Add
		defer func() { err = errors.Join(err, w.Flush()) }()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if c.PowerCut != "" {
		return c.cut(ctx, std, cfg)
	}
	r, err := exec.Run(ctx, cfg)
	if err != nil {
		return execError(err)
	}
	return c.conclude(std, r)
}

// conclude reports and returns the error that stands for the exit code.
func (c *execCmd) conclude(std stdio, r *exec.Result) error {
	if err := c.write(std, r.Report); err != nil {
		return execError(err)
	}
	switch {
	case r.Exit != 0:
		return exitError{r.Exit, fmt.Sprintf("the command failed in boot %d with exit code %d", r.Failed, r.Exit)}
	case !r.Report.Sound:
		return exitError{code: exitFindings}
	}
	return nil
}

func (c *execCmd) write(std stdio, r *audit.Report) error {
	if c.JUnit != "" {
		if err := writeFile(c.JUnit, func(w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") }); err != nil {
			return err
		}
	}
	return c.print(std, r, c.JSON)
}

// cut is exec --power-cut.
func (c *execCmd) cut(ctx context.Context, std stdio, cfg exec.Config) error {
	n := 0
	if c.PowerCut != "all" {
		var err error
		if n, err = strconv.Atoi(c.PowerCut); err != nil || n < 1 {
			return usagef("--power-cut takes the number of a flash step, from 1, or all; not %q", c.PowerCut)
		}
	}
	r, err := exec.Cut(ctx, cfg, n)
	if err != nil {
		return execError(err)
	}
	if err := c.conclude(std, r.Whole); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "The power was cut %d times, during %s; %d times all was well after the next start.\n",
		r.Cuts, cutSteps(n, r.Whole.Steps), r.Cuts-len(r.Failures))
	for i, f := range r.Failures {
		if i == 10 {
			fmt.Fprintf(std.err, "... and %d more.\n", len(r.Failures)-i)
			break
		}
		fmt.Fprintf(std.err, "Cut during flash step %d (%s): %s.\n", f.Step, f.How, f.Reason)
	}
	if len(r.Failures) > 0 {
		return exitError{code: exitFindings}
	}
	return nil
}

func cutSteps(n, steps int) string {
	if n > 0 {
		return fmt.Sprintf("flash step %d", n)
	}
	return fmt.Sprintf("each of %d flash steps", steps)
}

// runConfig turns the flags into a configuration.
func (c *execCmd) runConfig(std stdio) (exec.Config, error) {
	options, err := c.options()
	if err != nil {
		return exec.Config{}, err
	}
	device, err := c.config(0, 0, time.Second)
	if err != nil {
		return exec.Config{}, err
	}
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return exec.Config{}, usagef("name a command to run, behind --")
	}
	cfg := exec.Config{
		Command: c.Command, Env: os.Environ(), Stdout: std.out, Stderr: std.err,
		Boots: c.Boots, Timeout: c.Timeout, Device: device, Audit: options, ShowSecrets: c.ShowSecrets,
		BootEnd: exec.BootEnd{Online: c.BootEndsOnline, After: c.BootEnds, Text: c.BootEndsAt, Idle: c.BootEndsIdle},
	}
	if cfg.Faults, cfg.Seed, err = c.specs(std); err != nil {
		return cfg, err
	}
	for _, text := range c.With {
		if !strings.Contains(text, "=") {
			return cfg, usagef("--with %s names no file: write TAG:TYPE=FILE, such as 24:ca=ca.pem", text)
		}
		change, err := parseChange(1, text)
		if err != nil {
			return cfg, err
		}
		cfg.Changes = append(cfg.Changes, change)
	}
	for _, text := range c.Change {
		number, rest, _ := strings.Cut(text, ":")
		boot, err := strconv.Atoi(number)
		if err != nil || boot < 1 || boot > c.Boots {
			return cfg, usagef("--change %s: it begins with the number of a boot, 1 to %d", text, c.Boots)
		}
		change, err := parseChange(boot, rest)
		if err != nil {
			return cfg, err
		}
		cfg.Changes = append(cfg.Changes, change)
	}
	if c.State != "" {
		if cfg.Device.Flash, err = flash.Open(c.State, flash.Options{}); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// typesByName are the credential types as flags call them.
var typesByName = map[string]keystore.CredentialType{
	"ca": keystore.RootCA, "cert": keystore.ClientCertificate, "key": keystore.PrivateKey,
	"psk": keystore.PSK, "identity": keystore.PSKIdentity,
}

// parseKey reads TAG:TYPE.
func parseKey(text string) (keystore.Key, error) {
	tagText, typeText, _ := strings.Cut(text, ":")
	tag, err := strconv.ParseUint(tagText, 10, 32)
	typ, known := typesByName[typeText]
	if n, numErr := strconv.ParseUint(typeText, 10, 8); numErr == nil {
		typ, known = keystore.CredentialType(n), true
	}
	if err != nil || !known {
		return keystore.Key{}, usagef("%q names no credential: write TAG:TYPE, such as 24:ca", text)
	}
	return keystore.Key{SecTag: keystore.SecTag(tag), Type: typ}, nil
}

// parseChange reads TAG:TYPE=FILE, or TAG:TYPE alone for a deletion.
func parseChange(boot int, text string) (exec.Change, error) {
	name, file, hasFile := strings.Cut(text, "=")
	key, err := parseKey(name)
	if err != nil {
		return exec.Change{}, err
	}
	change := exec.Change{Boot: boot, Key: key}
	if hasFile {
		if change.Content, err = os.ReadFile(file); err != nil {
			return change, usagef("%w", err)
		}
	}
	return change, nil
}

// exitError ends the program with a code of its own. Its text may be empty: all
// has been said then.
type exitError struct {
	code int
	text string
}

func (e exitError) Error() string { return e.text }

func execError(err error) error {
	if errors.As(err, new(*exec.TimeoutError)) {
		return exitError{exitTimeout, err.Error()}
	}
	return exitError{exitExec, err.Error()}
}
