package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"nrf91emu/emulator"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/gnss"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/keystore/flash"
)

// An instance is one running modem.
type instance struct {
	device  *emulator.Device
	flash   *flash.Flash // nil if it is in memory
	ports   []link.Port
	control []*control.Server
	faults  *fault.Set // nil if nobody can ask for any
	library string     // where firmware in C finds the modem; empty if it cannot
	serving int
	served  chan error
}

// start makes modem n, from 0, and switches it on.
func (c *runCmd) start(std stdio, n int, log *event.Log) (_ *instance, err error) {
	m := &instance{served: make(chan error)}
	defer func() {
		if err != nil {
			m.close()
		}
	}()
	if err := c.oneAnswer(); err != nil {
		return nil, err
	}
	cfg, err := c.config(c.number(n), network.Default().AttachDelay, gnss.DefaultTimeToFix)
	if err != nil {
		return nil, err
	}
	cfg.Log = log
	if c.Count == 1 || c.Control != "" {
		log.Keep() // the record begins with the modem
	}
	if c.State != "" {
		path, err := statePath(c.State, c.number(n), c.Count)
		if err != nil {
			return nil, err
		}
		if m.flash, err = flash.Open(path, flash.Options{}); err != nil {
			return nil, err
		}
		cfg.Flash = m.flash
	}
	if m.device, err = emulator.New(cfg); err != nil {
		return nil, err
	}
	if err := c.arm(std, m, c.number(n)); err != nil {
		return nil, err
	}
	if m.ports, err = c.open(std, n, c.Count, cfg.Dialect.Framing.Terminator.Bytes()); err != nil {
		return nil, err
	}
	if err := c.store(m); err != nil {
		return nil, err
	}
	if err := m.device.PowerOn(); err != nil {
		return nil, err
	}
	if c.Count == 1 && !c.Stdio && runtime.GOOS != "windows" { // firmware in C runs on none
		m.offerLibrary(std)
	}
	return m, nil
}

// number returns the number of modem n, both from 0, among those of all programs.
func (c *runCmd) number(n int) int { return c.Index*c.Count + n }

// statePath returns the file with the flash of device n, from 0, of count: the one named, or
// one in a directory of that name, which is made.
func statePath(name string, n, count int) (string, error) {
	if count == 1 {
		return name, nil
	}
	if err := os.MkdirAll(name, 0o700); err != nil {
		return "", fmt.Errorf("the directory for %d flashes cannot be made: %w", count, err)
	}
	return filepath.Join(name, fmt.Sprintf("%04d.img", n+1)), nil
}

// store puts the credentials of --device into the flash.
func (c *runCmd) store(m *instance) error {
	file, err := c.described()
	if err != nil {
		return err
	}
	for _, cred := range file.Credentials {
		if _, err := m.device.Bench().PutCredential(cred.Key, cred.Content); err != nil {
			return fmt.Errorf("--device: tag %d, %v cannot be stored: %w", cred.Key.SecTag, cred.Key.Type, err)
		}
	}
	return nil
}

// offerLibrary makes the library interface of a modem. Ports work without.
func (m *instance) offerLibrary(std stdio) {
	l, err := control.ListenLibrary(m.ports[0].Name())
	if err != nil {
		fmt.Fprintf(std.err, "nrf91emu: no library interface for firmware in C: %v\n", err)
		return
	}
	m.library = control.LibraryPlace(l)
	m.serving++
	if m.faults != nil {
		l = fault.WrapLibrary(l, m.faults)
	}
	go func() { m.served <- m.device.ServeLibrary(l) }()
}

// offerControl serves the control interfaces of modem n, from 0: the sockets that go with
// its ports if it runs alone, and the one that was asked for.
func (c *runCmd) offerControl(std stdio, n int, m *instance) error {
	for _, port := range m.ports {
		if c.Stdio || c.Count > 1 {
			break
		}
		if s, err := control.Listen(m.device, port.Name()); err == nil {
			m.control = append(m.control, s)
		} else {
			// The modem works without; only what others ask about it does not.
			fmt.Fprintf(std.err, "nrf91emu: no control socket for %s: %v\n", port.Name(), err)
		}
	}
	if c.Control != "" {
		addr, err := nthAddress(c.Control, n, c.AllowRemote)
		if err != nil {
			return usagef("--control: %w", err)
		}
		s, err := control.ListenTCP(m.device, m.ports[0].Name(), addr, c.AllowRemote)
		if err != nil {
			return err
		}
		m.control = append(m.control, s)
		if c.Count == 1 && !c.JSON {
			fmt.Fprintf(std.err, "Its control interface is at http://%s, its metrics at http://%[1]s/metrics\n", s.Addr())
		}
	}
	if m.faults != nil {
		for _, s := range m.control {
			s.OfferFaults(m.faults)
		}
	}
	return nil
}

// measure has the first modem's control interface tell the metrics of all.
func (c *runCmd) measure(modems []*instance) {
	if c.Control == "" || c.Count == 1 {
		return
	}
	list := make([]control.Measured, len(modems))
	for i, m := range modems {
		list[i] = control.Measured{Name: strconv.Itoa(c.number(i) + 1), Device: m.device}
	}
	for _, s := range modems[0].control {
		s.Measure(list)
	}
}

// serve runs the modem on its ports; the end of each one is sent to ended, as far
// as there is somebody to take it.
func (m *instance) serve(ended chan<- error) {
	for _, p := range m.ports {
		m.serving++
		if m.faults != nil {
			p = fault.Wrap(p, m.faults)
		}
		go func() {
			err := m.device.Serve(p)
			select {
			case ended <- err:
			default:
			}
			m.served <- err
		}()
	}
}

// close ends the modem and returns when nothing of it runs any more.
func (m *instance) close() error {
	var errs []error
	for _, s := range m.control {
		errs = append(errs, s.Close())
	}
	if m.faults != nil {
		m.faults.Close()
	}
	if m.device != nil {
		errs = append(errs, m.device.Close())
	}
	for _, p := range m.ports {
		errs = append(errs, p.Close())
	}
	for range m.serving {
		<-m.served
	}
	if m.flash != nil {
		errs = append(errs, m.flash.Close())
	}
	return errors.Join(errs...)
}

// names returns the names of the modem's ports.
func (m *instance) names() string {
	names := make([]string, len(m.ports))
	for i, p := range m.ports {
		names[i] = p.Name()
	}
	return strings.Join(names, ", ")
}

// instanceJSON is what run --json prints of a modem.
type instanceJSON struct {
	Modem       int      `json:"modem"` // from 1
	Ports       []string `json:"ports"`
	Profile     string   `json:"profile"`
	Application string   `json:"application"`
	IMEI        string   `json:"imei"`
	Library     string   `json:"library,omitempty"` // for NRF91EMU_LIBRARY
	Control     []string `json:"control,omitempty"` // a unix socket's path, or http://HOST:PORT
}

func (m *instance) json(number int) instanceJSON {
	j := instanceJSON{
		Modem: number, Profile: m.device.Profile().Name, Application: m.device.Dialect().Name,
		IMEI: m.device.Identity().IMEI, Library: m.library,
	}
	for _, p := range m.ports {
		j.Ports = append(j.Ports, p.Name())
	}
	for _, s := range m.control {
		j.Control = append(j.Control, s.URL())
	}
	return j
}
