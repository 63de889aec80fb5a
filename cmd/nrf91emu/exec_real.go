package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
)

// runReal runs the command against a real modem, with an emulated one of the same firmware
// beside it, which is judged.
func (c *execCmd) runReal(std stdio) error {
	if flags := c.forEmulated(); len(flags) > 0 {
		return usagef("--port is a real modem, which has its own flash, power and network: leave out %s", strings.Join(flags, " and "))
	}
	if err := atLeast("--baud", c.Baud, minBaud); err != nil {
		return err
	}
	cfg, err := c.runConfig(std)
	if err != nil {
		return err
	}
	out, err := c.openOutputs(std)
	if err != nil {
		return exitError{exec.ExitHarness, "the command was not run: " + err.Error()}
	}
	if out.trace != nil {
		cfg.Record = out.trace.Add
	}
	ctx, stop := untilSignal()
	defer stop()
	end, err := c.beside(ctx, &cfg)
	if err != nil {
		return out.conclude(exec.Broken(cfg, err))
	}
	defer end()
	r, err := exec.Run(ctx, cfg)
	if err != nil {
		r = exec.Broken(cfg, err)
	}
	return out.conclude(r)
}

// beside finds out who the modem is, and puts it and an emulated one of its kind into the
// configuration.
func (c *execCmd) beside(ctx context.Context, cfg *exec.Config) (end func(), err error) {
	who, err := (&vectorsCmd{Port: c.Port, Baud: c.Baud, App: c.App, Profile: c.Profile, Timeout: 5 * time.Second}).identify(ctx)
	if err != nil {
		return nil, err
	}
	p, errP := profile.Lookup(who.profile)
	dialect, errD := dialects.Lookup(who.layout.Name)
	if err := errors.Join(errP, errD); err != nil {
		who.close()
		return nil, err
	}
	air := network.Default()
	air.AttachDelay = 0
	// It must not connect to servers a second time, in the name of the modem.
	cfg.Device = emulator.Config{Profile: &p, Dialect: dialect, Network: &air, NoExternal: true}
	cfg.Real = &exec.Real{
		Name: fmt.Sprintf("%s is %s (%s)", c.Port, who.answers, p.Name),
		Dial: func() (io.ReadWriteCloser, error) { return link.Dial(c.Port, c.Baud) },
	}
	return who.close, nil
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
		{"--power-cut", c.PowerCut != ""}, {"--jobs", c.Jobs != nil}, {"--count", c.Count > 1},
		{"--listen", c.Listen != ""}, {"--rfc2217", c.RFC2217 != ""}, {"--allow-remote", c.AllowRemote},
	} {
		if f.is {
			given = append(given, f.name)
		}
	}
	return given
}
