package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
)

// runReal runs the command against a real modem. What the command sends goes to the modem
// and, as a shadow of it, to an emulated one of the same firmware that nobody hears: the
// shadow's record is judged, and what it did to its flash is the estimate.
func (c *execCmd) runReal(std stdio) (err error) {
	if flags := c.forEmulated(); len(flags) > 0 {
		return usagef("--port is a real modem, which has its own flash, power and network: leave out %s", strings.Join(flags, " and "))
	}
	if c.JSON != "" || c.JUnit != "" {
		return usagef("--json and --junit are for an emulated modem: with --port, write --trace FILE and have nrf91emu audit make them from it")
	}
	if err := errors.Join(atLeast("--boots", c.Boots, 1), atLeast("--baud", c.Baud, minBaud), someTime("--timeout", c.Timeout)); err != nil {
		return err
	}
	command := c.Command
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return usagef("name a command to run, behind --")
	}
	ruling, err := c.options()
	if err != nil {
		return err
	}
	ruling.AllowIdle = c.AllowIdle
	ctx, stop := untilSignal()
	defer stop()
	who, err := (&vectorsCmd{Port: c.Port, Baud: c.Baud, App: c.App, Profile: c.Profile, Timeout: 5 * time.Second}).identify(ctx)
	if err != nil {
		return err
	}
	defer who.close()
	p, err := profile.Lookup(who.profile)
	if err != nil {
		return usageError{err}
	}
	dialect, err := dialects.Lookup(who.layout.Name)
	if err != nil {
		return err
	}
	air := network.Default()
	air.AttachDelay = 0
	log := &event.Log{ShowSecrets: c.ShowSecrets}
	judge := audit.New(ruling.Options)
	log.Subscribe(judge.Add)
	endTrace, err := traceTo(c.Trace, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endTrace()) }()
	// The shadow must not connect to servers a second time, in the name of the modem.
	shadow, err := emulator.New(emulator.Config{Profile: &p, Dialect: dialect, Network: &air, Log: log, NoExternal: true})
	if err != nil {
		return err
	}
	defer shadow.Close()
	fmt.Fprintf(std.err, "nrf91emu: %s is %s (%s); what is told of the flash is an estimate\n", c.Port, who.answers, p.Name)

	failed := 0
	for boot := 1; boot <= c.Boots && failed == 0; boot++ {
		start := shadow.PowerOn
		if boot > 1 {
			start = shadow.PowerCycle
		}
		if err := start(); err != nil {
			return err
		}
		if failed, err = c.runBeside(ctx, std, shadow, command, boot); err != nil {
			return err
		}
	}
	all := []audit.Judged{{Report: judge.Report()}}
	report := &auditCmd{judging: c.judging, AllowIdle: c.AllowIdle}
	if err := report.print(stdio{in: std.in, out: std.err, err: std.err}, all, ruling.file); err != nil {
		return err
	}
	if failed == 0 && !all[0].Sound {
		failed = exec.ExitFindings
	}
	if failed != 0 {
		return exitError{code: failed}
	}
	return nil
}

// forEmulated returns the flags that were given and make sense for an emulated modem alone.
func (c *execCmd) forEmulated() (given []string) {
	for _, f := range []struct {
		name string
		is   bool
	}{
		{"--device", c.Device != ""}, {"--state", c.State != ""}, {"--imei", c.IMEI != ""}, {"--uuid", c.UUID != ""}, {"--iccid", c.ICCID != ""},
		{"--network", c.Network != ""}, {"--attach-delay", c.AttachDelay != nil}, {"--roaming", c.Roaming}, {"--no-sim", c.NoSIM},
		{"--host", len(c.Host) > 0}, {"--no-external", c.NoExternal}, {"--listen-external", c.ListenExternal},
		{"--positions", c.Positions != ""}, {"--time-to-fix", c.TimeToFix != nil}, {"--refuse-expired", c.RefuseExpired},
		{"--assume", len(c.Assume) > 0}, {"--supply", c.Supply != nil}, {"--fault", len(c.Fault) > 0}, {"--seed", c.Seed != nil},
		{"--cloud", c.Cloud}, {"--cloud-name", len(c.CloudName) > 0}, {"--broker", c.Broker != ""},
		{"--with", len(c.With) > 0}, {"--change", len(c.Change) > 0}, {"--expect", len(c.Expect) > 0},
		{"--boot-ends-online", c.BootEndsOnline}, {"--boot-ends", c.BootEnds != nil}, {"--boot-ends-at", c.BootEndsAt != ""}, {"--boot-ends-idle", c.BootEndsIdle != nil},
		{"--keep-going", c.KeepGoing}, {"--power-cut", c.PowerCut != ""}, {"--jobs", c.Jobs != nil}, {"--count", c.Count > 1},
		{"--link", c.Link != ""}, {"--listen", c.Listen != ""}, {"--rfc2217", c.RFC2217 != ""}, {"--allow-remote", c.AllowRemote},
	} {
		if f.is {
			given = append(given, f.name)
		}
	}
	return given
}

// runBeside runs the command once, between a pty and the modem, with the shadow beside. It
// returns the exit code for a command that failed or was ended.
func (c *execCmd) runBeside(ctx context.Context, std stdio, shadow *emulator.Device, command []string, boot int) (code int, err error) {
	device, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return 0, err
	}
	defer device.Close()
	host, err := link.OpenPTY(link.PTYOptions{})
	if err != nil {
		return 0, err
	}
	defer host.Close()
	port, beside := link.Pipe()
	var all sync.WaitGroup
	all.Go(func() { _ = shadow.Serve(port) })             // it ends with the pipe
	all.Go(func() { _, _ = io.Copy(io.Discard, beside) }) // nobody hears it
	all.Go(func() { _, _ = io.Copy(inStep{host, shadow}, device) })
	all.Go(func() { _, _ = io.Copy(tee{device, beside}, host) }) // both end with the ports
	defer func() {
		host.Close()
		device.Close()
		beside.Close()
		all.Wait()
	}()

	words := make([]string, len(command))
	for i, w := range command {
		words[i] = strings.ReplaceAll(w, "{port}", host.Name())
	}
	cmd := osexec.Command(words[0], words[1:]...)
	cmd.Stdout, cmd.Stderr = std.out, std.err
	cmd.Env = append(os.Environ(), exec.PortVariable+"="+host.Name(), fmt.Sprintf("%s=%d", exec.BootVariable, boot))
	groupOfItsOwn(cmd)
	tell := func(code int, format string, args ...any) (int, error) {
		fmt.Fprintf(std.err, "nrf91emu: "+format+"\n", args...)
		return code, nil
	}
	if err := cmd.Start(); err != nil {
		code := exec.ExitCannot
		if errors.Is(err, osexec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			code = exec.ExitNotFound
		}
		return tell(code, "the command cannot be run: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	timer := time.NewTimer(c.Timeout)
	defer timer.Stop()
	select {
	case err = <-ended:
		killGroup(cmd) // whatever it left behind
	case <-timer.C:
		killGroup(cmd)
		<-ended
		return tell(exec.ExitTimeout, "the command did not end within %v", c.Timeout)
	case <-ctx.Done():
		killGroup(cmd)
		<-ended
	}
	if ctx.Err() != nil {
		code := exec.ExitHarness
		if s, ok := errors.AsType[*exec.SignalError](context.Cause(ctx)); ok {
			code = 128 + int(s.Signal)
		}
		return tell(code, "the run was %v", context.Cause(ctx))
	}
	exit, ok := errors.AsType[*osexec.ExitError](err)
	if !ok {
		return 0, err
	}
	code = exit.ExitCode()
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return tell(code, "the command failed in boot %d: %v", boot, exit)
}

// tee writes to both; only the first one's errors count.
type tee struct{ first, second io.Writer }

func (t tee) Write(p []byte) (int, error) {
	_, _ = t.second.Write(p)
	return t.first.Write(p)
}

// An inStep passes on what the modem answers once its shadow has answered too: otherwise
// the host's next command could find the shadow busy, and be lost there.
type inStep struct {
	host   io.Writer
	shadow *emulator.Device
}

// Write waits some seconds at most: what the shadow then still does, it does alone.
func (s inStep) Write(p []byte) (int, error) {
	for end := time.Now().Add(5 * time.Second); s.shadow.Busy() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return s.host.Write(p)
}
