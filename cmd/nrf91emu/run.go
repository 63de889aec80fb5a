package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"text/tabwriter"

	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
)

// runCmd is nrf91emu run.
type runCmd struct {
	device
	printing
	links
	faults
	withCloud
	explaining
	Count int    `help:"Start N modems, each with a port, an identity and a flash of its own; --state then names a directory." default:"1" placeholder:"N"`
	Index int    `help:"This is program K, from 0, of several with --count N: the identities and flashes of its modems are numbered on from K times N." placeholder:"K"`
	JSON  bool   `help:"Print the ports and who is behind them as JSON."`
	Trace string `help:"Write all that happens to FILE, as JSON Lines." placeholder:"FILE" type:"path"`

	Control string `help:"Serve the control interface and /metrics on TCP at ADDR, such as 127.0.0.1:9191, beside its socket; with --count the modems have consecutive ports, and the first has the metrics of all; see nrf91emu ctl." placeholder:"ADDR"`

	ShowSecrets bool `help:"Do not mask private keys and pre-shared keys in the trace."`
}

// Run starts modems and serves them until a signal or the end of input.
func (c *runCmd) Run(std stdio) (err error) {
	if err := atLeast("--count", c.Count, 1); err != nil {
		return err
	}
	if c.Index < 0 || c.Index > maxNumber || c.number(c.Count) > maxNumber {
		return usagef("--index counts from 0, and there are %d modems at most", maxNumber)
	}
	file, err := c.described()
	if err != nil {
		return err
	}
	if c.PrintDevice {
		specs, err := c.faults.parse()
		if err != nil {
			return err
		}
		return c.device.print(std, nil, specs, c.Seed)
	}
	if c.Count > 1 {
		if flag := c.links.single(); flag != "" {
			return usagef("%s is for one modem, not for --count %d", flag, c.Count)
		}
		if file.IMEI != "" || file.UUID != "" || file.ICCID != "" {
			return usagef("the identity in %s is for one modem, not for --count %d", c.Device, c.Count)
		}
		if c.Trace+c.IMEI+c.UUID+c.ICCID != "" {
			return usagef("--trace, --imei, --uuid and --iccid are for one modem, not for --count %d", c.Count)
		}
	}
	// From here on a signal ends the modems in good order.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	var log *event.Log
	if c.Count == 1 {
		log = &event.Log{ShowSecrets: c.ShowSecrets}
	}
	endTrace, err := traceTo(c.Trace, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endTrace()) }()
	endCloud, err := c.withCloud.begin(&c.device)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endCloud()) }()
	reasons := c.explaining.begin(std, std.err)
	defer reasons.end()
	reasons.follow(log, "")
	ended := make(chan error, 1)
	modems := make([]*instance, 0, c.Count)
	defer func() {
		for _, m := range modems {
			err = errors.Join(err, m.close())
		}
	}()
	for n := range c.Count {
		if c.Count > 1 && (reasons != nil || c.Control != "") {
			log = &event.Log{ShowSecrets: c.ShowSecrets}
		}
		if c.Count > 1 && reasons != nil {
			reasons.follow(log, fmt.Sprintf("modem %d", c.number(n)+1))
		}
		m, err := c.start(std, n, log)
		if err != nil {
			return err
		}
		modems = append(modems, m)
		m.serve(ended)
	}
	offer := func() (err error) {
		for n, m := range modems {
			err = errors.Join(err, c.offerControl(std, n, m))
		}
		c.measure(modems)
		return err
	}
	if c.JSON || c.Count > 1 { // it says where the control interfaces are
		err = offer()
		if err == nil {
			err = c.greet(std, modems)
		}
	} else {
		// The modem answers while its control interface is still being made.
		offered := make(chan error, 1)
		go func() { offered <- offer() }()
		err = errors.Join(c.greet(std, modems), <-offered)
	}
	if err != nil {
		return err
	}
	select {
	case err := <-ended:
		return err
	case <-signals:
		return nil
	}
}

// maxNumber is how many modems there can be: an IMEI has six digits for the serial number.
const maxNumber = 1_000_000

// greet prints the paths of the ports on standard output, each alone on its line
// for scripts, and what to do with them on standard error.
func (c *runCmd) greet(std stdio, modems []*instance) error {
	switch {
	case c.JSON:
		list := make([]instanceJSON, len(modems))
		for i, m := range modems {
			list[i] = m.json(c.number(i) + 1)
		}
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	case c.Stdio:
		return nil
	case len(modems) > 1:
		w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
		head := "MODEM\tPORT\tIMEI"
		if c.Control != "" {
			head += "\tCONTROL"
		}
		fmt.Fprintln(w, head)
		for i, m := range modems {
			fmt.Fprintf(w, "%d\t%s\t%s", c.number(i)+1, m.names(), m.device.Identity().IMEI)
			for _, s := range m.control {
				fmt.Fprintf(w, "\t%s", s.URL())
			}
			fmt.Fprintln(w)
		}
		return w.Flush()
	}
	m := modems[0]
	for _, p := range m.ports {
		fmt.Fprintln(std.out, p.Name())
	}
	where := "in memory; --state FILE keeps it"
	if c.State != "" {
		where = "in " + c.State
	}
	profile := m.device.Profile()
	port := m.ports[0].Name()
	ca := "ca.pem"
	if c.Cloud {
		ca = filepath.Join(c.CloudDir, cloud.FileCA)
	}
	firmware := ""
	if m.library != "" {
		firmware = fmt.Sprintf("or run firmware in C, built for this machine: NRF91EMU_LIBRARY=%s PROGRAM\n", m.library)
	}
	if runtime.GOOS == "windows" {
		firmware = "or give it a COM port, one end of a pair that com0com makes: nrf91emu run --port COM10\n" +
			"or do the course exercise in a browser:     nrf91emu lab\n"
	}
	_, err := fmt.Fprintf(std.err, `
An %s with %s listens on this port, behind the application %s.
Its flash is %s.

Type AT commands in another terminal:       %s
or store a CA certificate, under tag 24:    nrf91emu provision --port %s --sec-tag 24 --ca %s
%s
Ctrl-C ends it.
`, profile.Chip.Name, profile.Revision, m.device.Dialect().Name, where, howToOpen(port), port, ca, firmware)
	return err
}

// howToOpen returns a command line for a person to type AT commands on a port.
func howToOpen(name string) string {
	switch scheme, addr, _ := link.NetworkPort(name); scheme {
	case link.SchemeTCP:
		if host, port, err := net.SplitHostPort(addr); runtime.GOOS == "windows" && err == nil {
			return "putty -raw " + host + " -P " + port
		}
		return "socat -,crnl tcp:" + addr
	case link.SchemeRFC2217:
		return "python3 -m serial.tools.miniterm -e rfc2217://" + addr
	}
	return "picocom --echo --omap crcrlf " + name
}
