package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/modem"
	"nrf91emu/keystore/flash"
)

// runCmd is nrf91emu run.
type runCmd struct {
	device

	Link  string `help:"Make a symlink at PATH to the port; it is removed at the end." placeholder:"PATH"`
	Stdio bool   `help:"Type AT commands here: the modem is on standard input and output, and there is no port."`
	Trace string `help:"Write all that happens to FILE, as JSON Lines." placeholder:"FILE" type:"path"`

	ShowSecrets bool `help:"Do not mask private keys and pre-shared keys in the trace."`
}

// Run starts a modem and serves it until a signal or the end of input.
func (c *runCmd) Run(std stdio) (err error) {
	var log *event.Log
	if c.Trace != "" {
		trace, err := os.OpenFile(c.Trace, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return usagef("the trace cannot be written: %w", err)
		}
		defer trace.Close()
		w := event.NewWriter(trace)
		log = &event.Log{ShowSecrets: c.ShowSecrets}
		log.Subscribe(w.Add)
		defer func() { err = errors.Join(err, w.Flush()) }()
	}
	d, close, err := c.open(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, close()) }()

	// From here on a signal ends the modem in good order.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	port, err := c.port(std, d)
	if err != nil {
		return err
	}
	if err := d.PowerOn(); err != nil {
		port.Close()
		return err
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(port) }()
	if !c.Stdio {
		ctl, err := control.Listen(d, port.Name())
		if err != nil {
			// The modem works without; only what others ask about it does not.
			fmt.Fprintf(std.err, "nrf91emu: no control socket: %v\n", err)
		} else {
			defer ctl.Close()
		}
		c.greet(std, d, port.Name())
	}
	select {
	case err = <-served:
	case <-signals:
		d.Close()
		err = <-served
	}
	return err
}

func (c *runCmd) port(std stdio, d *emulator.Device) (link.Port, error) {
	if c.Stdio {
		return link.NewStdio(std.in, std.out, d.Dialect().Framing.Terminator.Bytes())
	}
	return link.OpenPTY(link.PTYOptions{Dedicated: true, Link: c.Link})
}

// greet prints the path of the port on standard output, alone on its line for
// scripts, and what to do with it on standard error.
func (c *runCmd) greet(std stdio, d *emulator.Device, path string) {
	fmt.Fprintln(std.out, path)
	where := "in memory; --state FILE keeps it"
	if c.State != "" {
		where = "in " + c.State
	}
	p := d.Profile()
	fmt.Fprintf(std.err, `
An %s with %s listens on this port, behind the application %s.
Its flash is %s.

Type AT commands in another terminal:       picocom --echo %s
or store a CA certificate, under tag 24:    nrf91emu provision --port %s --sec-tag 24 --ca ca.pem

Ctrl-C ends it.
`, p.Chip.Name, p.Revision, d.Dialect().Name, where, path, path)
}

// device is the flags that say what is emulated.
type device struct {
	Profile     string        `help:"Chip and modem firmware; see nrf91emu profiles." default:"${profile}" placeholder:"NAME"`
	App         string        `help:"Application in front of the modem; see nrf91emu profiles." default:"${app}" placeholder:"NAME"`
	State       string        `help:"Keep the flash in FILE; without it the modem starts factory-fresh." placeholder:"FILE" type:"path"`
	IMEI        string        `help:"The modem's IMEI, 15 digits." placeholder:"IMEI"`
	AttachDelay time.Duration `help:"Time from AT+CFUN=1 to the registration; 0 registers at once." default:"2s" placeholder:"TIME"`
	Roaming     bool          `help:"The network is not the SIM's own: +CEREG reads 5."`
	NoSIM       bool          `help:"There is no SIM." name:"no-sim"`
	Supply      int           `help:"Supply voltage in millivolts." default:"3700" placeholder:"MV"`
}

// open makes the device. close closes it and its flash.
func (c *device) open(log *event.Log) (d *emulator.Device, close func() error, err error) {
	cfg, err := c.config()
	if err != nil {
		return nil, nil, err
	}
	cfg.Log = log
	if c.State != "" {
		if cfg.Flash, err = flash.Open(c.State, flash.Options{}); err != nil {
			return nil, nil, err
		}
	}
	if d, err = emulator.New(cfg); err != nil {
		return nil, nil, err
	}
	return d, func() error {
		err := d.Close()
		if cfg.Flash != nil {
			err = errors.Join(err, cfg.Flash.Close())
		}
		return err
	}, nil
}

// config turns the flags into a configuration.
func (c *device) config() (emulator.Config, error) {
	profile, err := modem.LookupProfile(c.Profile)
	if err != nil {
		return emulator.Config{}, usagef("%w", err)
	}
	dialect, err := app.LookupDialect(c.App)
	if err != nil {
		return emulator.Config{}, usagef("%w", err)
	}
	identity := modem.NewIdentity(&profile, 0)
	if c.IMEI != "" {
		if err := modem.CheckIMEI(c.IMEI); err != nil {
			return emulator.Config{}, usagef("--imei: %w", err)
		}
		identity.IMEI = c.IMEI
	}
	network := modem.DefaultNetwork()
	network.AttachDelay = c.AttachDelay
	network.Roaming = c.Roaming
	if c.NoSIM {
		network.SIM = modem.SIMAbsent
	}
	return emulator.Config{
		Profile: &profile, Dialect: dialect, Identity: &identity, Network: &network, Supply: c.Supply,
	}, nil
}
