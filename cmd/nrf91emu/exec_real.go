package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"os/signal"
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
func (c *execCmd) runReal(std stdio) error {
	switch {
	case c.Count > 1 || c.PowerCut != "" || c.State != "" || len(c.With)+len(c.Change)+len(c.Expect) > 0 || c.Listen+c.RFC2217+c.Link != "":
		return usagef("--port is a real modem, which has its own flash and power: leave out --count, --power-cut, --state, --with, --change, --expect, --listen, --rfc2217 and --link")
	case c.Boots < 1:
		return usagef("--boots must be at least 1, not %d", c.Boots)
	}
	if err := errors.Join(atLeast("--baud", c.Baud, minBaud), someTime("--timeout", c.Timeout)); err != nil {
		return err
	}
	ruling, err := c.options()
	if err != nil {
		return err
	}
	ruling.AllowIdle = c.AllowIdle
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	who, err := (&vectorsCmd{Port: c.Port, Baud: c.Baud, App: c.App, Timeout: 5 * time.Second}).identify(ctx)
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
	log := new(event.Log)
	shadow, err := emulator.New(emulator.Config{Profile: &p, Dialect: dialect, Network: &air, Log: log})
	if err != nil {
		return err
	}
	defer shadow.Close()
	var record bytes.Buffer
	defer log.Subscribe(event.NewWriter(&record).Add)()
	fmt.Fprintf(std.err, "nrf91emu: %s is %s (%s); what is told of the flash is an estimate\n", c.Port, who.answers, p.Name)

	failed := 0
	for boot := 1; boot <= c.Boots && failed == 0 && ctx.Err() == nil; boot++ {
		start := shadow.PowerOn
		if boot > 1 {
			start = shadow.PowerCycle
		}
		if err := start(); err != nil {
			return err
		}
		if failed, err = c.runBeside(ctx, std, shadow, boot); err != nil {
			return err
		}
	}
	all, err := audit.ReadAll(&record, ruling.Options)
	if err != nil {
		return err
	}
	report := &auditCmd{judging: c.judging, AllowIdle: c.AllowIdle}
	if err := report.print(stdio{in: std.in, out: std.err, err: std.err}, all, ruling.file); err != nil {
		return err
	}
	if failed != 0 {
		return exitError{code: failed}
	}
	for _, j := range all {
		if !j.Sound {
			return exitError{code: exec.ExitFindings}
		}
	}
	return nil
}

// runBeside runs the command once, between a pty and the modem, with the shadow beside. It
// returns the exit code of a command that failed.
func (c *execCmd) runBeside(ctx context.Context, std stdio, shadow *emulator.Device, boot int) (code int, err error) {
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
	all.Go(func() { _, _ = io.Copy(host, device) })       // they end with the ports
	all.Go(func() { _, _ = io.Copy(tee{device, beside}, host) })
	defer func() {
		host.Close()
		device.Close()
		beside.Close()
		all.Wait()
	}()

	command := c.Command
	if command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return 0, usagef("name the command to run, behind --")
	}
	words := make([]string, len(command))
	for i, w := range command {
		words[i] = strings.ReplaceAll(w, "{port}", host.Name())
	}
	cmd := osexec.Command(words[0], words[1:]...)
	cmd.Stdout, cmd.Stderr = std.out, std.err
	cmd.Env = append(os.Environ(), exec.PortVariable+"="+host.Name(), fmt.Sprintf("NRF91EMU_BOOT=%d", boot))
	groupOfItsOwn(cmd)
	if err := cmd.Start(); err != nil {
		return 0, exitError{code: exec.ExitHarness, text: "the command cannot be run: " + err.Error()}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	timer := time.NewTimer(c.Timeout)
	defer timer.Stop()
	select {
	case err = <-ended:
	case <-timer.C:
		killGroup(cmd)
		<-ended
		fmt.Fprintf(std.err, "nrf91emu: the command did not end within %v\n", c.Timeout)
		return exec.ExitTimeout, nil
	case <-ctx.Done():
		killGroup(cmd)
		<-ended
		return exec.ExitHarness, nil
	}
	if exit, ok := errors.AsType[*osexec.ExitError](err); ok {
		fmt.Fprintf(std.err, "nrf91emu: the command failed: %v\n", exit)
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// tee writes to both; only the first one's errors count.
type tee struct{ first, second io.Writer }

func (t tee) Write(p []byte) (int, error) {
	_, _ = t.second.Write(p)
	return t.first.Write(p)
}
