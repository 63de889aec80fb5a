package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
)

// device is the flags that say what is emulated.
type device struct {
	Device string `help:"Read the device from a YAML file: profile, application, identity, supply, network, hosts, credentials, assumptions, faults. Further flags go before it." placeholder:"FILE" type:"path"`

	Profile     string         `help:"Chip and modem firmware; see nrf91emu profiles. (default: ${profile})" placeholder:"NAME"`
	App         string         `help:"Application in front of the modem; see nrf91emu profiles. (default: ${app})" placeholder:"NAME"`
	State       string         `help:"Keep the flash in FILE; without it the modem starts factory-fresh." placeholder:"FILE" type:"path"`
	IMEI        string         `help:"The modem's IMEI, 15 digits." placeholder:"IMEI"`
	UUID        string         `help:"The device's UUID." name:"uuid" placeholder:"UUID"`
	ICCID       string         `help:"The SIM's number, up to 20 digits." name:"iccid" placeholder:"N"`
	Network     string         `help:"Read the network (operator, cell, signal, outages ...) from a YAML file." placeholder:"FILE" type:"path"`
	AttachDelay *time.Duration `help:"Time from AT+CFUN=1 to the registration: 2s for run, 0 for exec, which registers at once." placeholder:"TIME"`
	Roaming     bool           `help:"The network is not the SIM's own: +CEREG reads 5."`
	NoSIM       bool           `help:"There is no SIM." name:"no-sim"`
	Host        []string       `help:"Connect to ADDR where a program asks for NAME, so that certificates still match; with a port behind NAME only there, and the other ports of that name are closed. May be repeated." placeholder:"NAME[:PORT]=ADDR[:PORT]" sep:"none"`
	NoExternal  bool           `help:"Sockets reach loopback addresses only."`

	ListenExternal bool           `help:"Other machines may reach the servers that a program opens, such as AT#XTCPSVR; without it they listen on loopback."`
	Positions      string         `help:"Where the GNSS receiver is, for firmware in C: a GPX file, or CSV with the columns time,lat,lon,alt." placeholder:"FILE" type:"path"`
	TimeToFix      *time.Duration `help:"How long the receiver's first fix takes: 30s for run, 1s for exec." placeholder:"TIME"`

	RefuseExpired bool `help:"TLS refuses certificates outside their validity; no source says whether the modem does."`

	Assume []string `help:"Assume an answer to what no source settles: NAME=VALUE, such as cmng/overwrite=519, or a file that vectors --answers has written. exec also takes NAME, to try all answers to it, and all, to try those on which provisioning hangs. May be repeated." placeholder:"NAME=VALUE|FILE" sep:"none"`

	// farEnd are the servers that were started beside the modem, as names with ports.
	farEnd map[string]netip.AddrPort

	Supply *int `help:"Supply voltage in millivolts. (default: 3700)" placeholder:"MV"`

	file    *devicefile.Device // that --device names; see described
	profile *profile.Profile   // see sharedProfile
	network *network.Network   // see sharedNetwork
}

// config turns the flags into a configuration for modem n, from 0. The attach
// delay and the time to a fix are those for which no flag was given.
func (c *device) config(n int, attachDelay, timeToFix time.Duration) (emulator.Config, error) {
	if c.Supply != nil && (*c.Supply < devicefile.MinSupply || *c.Supply > devicefile.MaxSupply) {
		return emulator.Config{}, usagef("--supply is in millivolts, %d to %d; not %d", devicefile.MinSupply, devicefile.MaxSupply, *c.Supply)
	}
	if c.AttachDelay != nil && *c.AttachDelay < 0 {
		return emulator.Config{}, usagef("--attach-delay must not be negative, as %v is", *c.AttachDelay)
	}
	if c.TimeToFix != nil {
		if err := someTime("--time-to-fix", *c.TimeToFix); err != nil {
			return emulator.Config{}, err
		}
	}
	file, err := c.described()
	if err != nil {
		return emulator.Config{}, err
	}
	p, err := c.sharedProfile(file.Profile)
	if err != nil {
		return emulator.Config{}, err
	}
	dialect, err := dialects.Lookup(cmp.Or(c.App, file.Application, dialects.Default))
	if err != nil {
		return emulator.Config{}, usagef("%w", err)
	}
	identity := profile.NewIdentity(p, n)
	if imei := cmp.Or(c.IMEI, file.IMEI); imei != "" {
		if err := profile.CheckIMEI(imei); err != nil {
			return emulator.Config{}, usagef("--imei: %w", err)
		}
		identity.IMEI = imei
	}
	if uuid := cmp.Or(c.UUID, file.UUID); uuid != "" {
		identity.DeviceUUID = strings.ToLower(uuid)
		if err := profile.CheckUUID(identity.DeviceUUID); err != nil {
			return emulator.Config{}, usagef("--uuid: %w", err)
		}
	}
	if iccid := cmp.Or(c.ICCID, file.ICCID); iccid != "" {
		if identity.ICCID, err = profile.PadICCID(iccid); err != nil {
			return emulator.Config{}, usagef("--iccid: %w", err)
		}
	}
	air, err := c.sharedNetwork(file.Network, attachDelay)
	if err != nil {
		return emulator.Config{}, err
	}
	timeToFix = cmp.Or(file.TimeToFix, timeToFix)
	if c.TimeToFix != nil {
		timeToFix = *c.TimeToFix
	}
	track, err := (&devicefile.Device{Positions: cmp.Or(c.Positions, file.Positions)}).Track()
	if err != nil {
		return emulator.Config{}, usagef("--positions: %w", err)
	}
	own, err := parseHosts(append(slices.Clone(file.Hosts), c.Host...))
	if err != nil {
		return emulator.Config{}, err
	}
	supply := cmp.Or(file.Supply, modem.DefaultSupply)
	if c.Supply != nil {
		supply = *c.Supply
	}
	hosts := maps.Clone(c.farEnd)
	if hosts == nil {
		hosts = own
	}
	for name, addr := range own { // --host has the last word
		if !strings.Contains(name, ":") {
			maps.DeleteFunc(hosts, func(key string, _ netip.AddrPort) bool { return strings.HasPrefix(key, name+":") })
		}
		hosts[name] = addr
	}
	return emulator.Config{
		Profile: p, Dialect: dialect, Identity: &identity, Network: air, Supply: supply,
		Hosts: hosts, NoExternal: c.NoExternal || file.NoExternal, ListenExternal: c.ListenExternal || file.ListenExternal,
		RefuseExpired: c.RefuseExpired || file.RefuseExpired,
		Track:         track, TimeToFix: timeToFix,
	}, nil
}

// sharedProfile returns the profile, which all modems share.
func (c *device) sharedProfile(inFile string) (*profile.Profile, error) {
	if c.profile != nil {
		return c.profile, nil
	}
	p, err := profile.Lookup(cmp.Or(c.Profile, inFile, profile.Default))
	if err != nil {
		return nil, usagef("%w", err)
	}
	plan, err := c.assumptions()
	if err != nil {
		return nil, err
	}
	plan.Fixed.Apply(&p)
	c.profile = &p
	return c.profile, nil
}

// sharedNetwork returns the network, which all modems share.
func (c *device) sharedNetwork(inFile *network.Network, attachDelay time.Duration) (*network.Network, error) {
	if c.network != nil {
		return c.network, nil
	}
	air := network.Default()
	air.AttachDelay = attachDelay
	if inFile != nil {
		air = *inFile
	}
	if c.Network != "" {
		var err error
		if air, err = readNetwork(c.Network); err != nil {
			return nil, err
		}
	}
	if c.AttachDelay != nil {
		air.AttachDelay = *c.AttachDelay
	}
	if c.Roaming {
		air.Roaming = true
	}
	if c.NoSIM {
		air.SIM = network.SIMAbsent
	}
	c.network = &air
	return c.network, nil
}

// oneAnswer returns an error if --assume asks for more than one run.
func (c *device) oneAnswer() error {
	plan, err := c.assumptions()
	if err == nil && len(plan.Vary) > 0 {
		err = usagef("--assume takes one answer here, NAME=VALUE or a file; nrf91emu exec tries all")
	}
	return err
}

// assumptions reads --assume, and what the device file assumes beside it.
func (c *device) assumptions() (*assume.Plan, error) {
	file, err := c.described()
	if err != nil {
		return nil, err
	}
	plan, err := parseAssumptions(c.Assume)
	if err != nil || len(file.Assume) == 0 {
		return plan, err
	}
	words := slices.Clone(c.Assume)
	for _, name := range slices.Sorted(maps.Keys(file.Assume)) {
		if _, fixed := plan.Fixed[name]; !fixed && !slices.Contains(c.Assume, name) { // a flag goes before the file
			words = append(words, name+"="+file.Assume[name])
		}
	}
	return parseAssumptions(words)
}

// parseAssumptions reads the values of --assume.
func parseAssumptions(words []string) (*assume.Plan, error) {
	plan, err := assume.ParsePlan(words, func(name string, s assume.Set) error {
		f, err := os.Open(name)
		if err != nil && strings.ContainsRune(name, '=') || errors.Is(err, fs.ErrNotExist) {
			return s.Add(name) // which says what there is
		}
		if err != nil {
			return err
		}
		defer f.Close()
		if err := s.Read(f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return nil, usagef("--assume: %w", err)
	}
	return plan, nil
}

// parseHosts reads the values of --host.
func parseHosts(texts []string) (map[string]netip.AddrPort, error) {
	hosts := make(map[string]netip.AddrPort)
	for _, text := range texts {
		name, addr, err := socket.ParseHost(text)
		if err != nil {
			return nil, usagef("--host: %w", err)
		}
		hosts[name] = addr
	}
	return hosts, nil
}

// readNetwork reads a network from a file.
func readNetwork(path string) (network.Network, error) {
	f, err := os.Open(path)
	if err != nil {
		return network.Network{}, usagef("the network cannot be read: %w", err)
	}
	defer f.Close()
	air, err := network.Load(f)
	if err != nil {
		return air, usagef("%s: %w", path, err)
	}
	return air, nil
}

// links is the flags that say how a modem is reached.
type links struct {
	Link        string `help:"Make a symlink at PATH to the port; it is removed at the end." placeholder:"PATH"`
	Port        string `help:"Serve on a real serial port, such as /dev/ttyUSB0, in place of a virtual one." placeholder:"DEV"`
	Listen      string `help:"Serve on TCP at ADDR, such as 127.0.0.1:4242, in place of a virtual port; with --count the modems have consecutive ports. All clients of one share its UART. Where there are no virtual ports, as on Windows, this is the default." placeholder:"ADDR"`
	RFC2217     string `help:"Serve serial over TCP (RFC 2217) at ADDR, in place of a virtual port; with --count the modems have consecutive ports. All clients of one share its UART." name:"rfc2217" placeholder:"ADDR"`
	AllowRemote bool   `help:"Let --listen, --rfc2217 and --control use addresses that others can reach."`
	Stdio       bool   `help:"Type AT commands here: the modem is on standard input and output, and there is no port."`
	Baud        int    `help:"Speed of a serial port; other links are slowed down to it." placeholder:"N"`
	RTSCTS      bool   `help:"With --baud: hardware flow control. Without it, bytes that come too fast are lost." name:"rtscts"`
}

// single returns a flag that was given and is for one modem only.
func (c *links) single() string {
	switch {
	case c.Port != "":
		return "--port"
	case c.Stdio:
		return "--stdio"
	}
	return ""
}

// defaultListen is where a modem is reached on a system without virtual ports.
const defaultListen = "127.0.0.1:4242"

// freeFrom returns addr if that many consecutive ports are free from there on, and any
// port otherwise.
func freeFrom(addr string, count int) string {
	host, _, err := net.SplitHostPort(addr)
	for n := 0; n < count && err == nil; n++ {
		var at string
		if at, err = nthAddress(addr, n, false); err == nil {
			var l net.Listener
			if l, err = net.Listen("tcp", at); err == nil {
				l.Close()
			}
		}
	}
	if err != nil {
		return net.JoinHostPort(host, "0")
	}
	return addr
}

// nthAddress returns the address of modem n, from 0, if that of the first is addr: the
// port is n higher, but for 0, any port that is free.
func nthAddress(addr string, n int, remote bool) (string, error) {
	addr, err := link.ListenAddress(addr, remote)
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	first, err := strconv.Atoi(port)
	if err != nil || first == 0 || n == 0 {
		return addr, err
	}
	if first+n > 65535 {
		return "", fmt.Errorf("the modems have consecutive ports, and from %d on there are not enough", first)
	}
	return net.JoinHostPort(host, strconv.Itoa(first+n)), nil
}

// minBaud is the least that serial ports are used with, in bits per second.
const minBaud = 300

// open makes the links of modem n of count.
func (c *links) open(std stdio, n, count int, terminator string) (ports []link.Port, err error) {
	defer func() {
		if err != nil {
			for _, p := range ports {
				p.Close()
			}
		}
	}()
	if c.Baud != 0 && c.Baud < minBaud {
		return nil, usagef("--baud is in bits per second, from %d; not %d", minBaud, c.Baud)
	}
	add := func(p link.Port, err error) error {
		if err == nil && c.Baud > 0 {
			var paced link.Port
			if paced, err = link.Pace(p, link.PaceOptions{Baud: c.Baud, FlowControl: c.RTSCTS}); err != nil {
				p.Close()
			}
			p = paced
		}
		if err == nil {
			ports = append(ports, p)
		}
		return err
	}
	if c.Stdio {
		port, err := link.NewStdio(std.in, std.out, terminator)
		return ports, add(port, err)
	}
	if c.Port != "" {
		port, err := link.OpenSerial(c.Port, link.SerialOptions{Baud: c.Baud, RTSCTS: c.RTSCTS})
		if err != nil {
			return ports, err
		}
		ports = append(ports, port) // a real line is as slow as it is
	}
	if !link.HasPTY && c.Port == "" && c.Listen == "" && c.RFC2217 == "" && c.Link == "" {
		c.Listen = freeFrom(defaultListen, count)
	}
	for _, l := range []struct {
		flag, addr string
		listen     func(string) (*link.Server, error)
	}{{"--listen", c.Listen, link.ListenTCP}, {"--rfc2217", c.RFC2217, link.ListenRFC2217}} {
		if l.addr == "" {
			continue
		}
		addr, err := nthAddress(l.addr, n, c.AllowRemote)
		if err != nil {
			return ports, usagef("%s: %w", l.flag, err)
		}
		server, err := l.listen(addr)
		if err := add(server, err); err != nil {
			return ports, err
		}
	}
	if len(ports) > 0 && c.Link == "" {
		return ports, nil
	}
	path := c.Link
	if path != "" && count > 1 {
		path = fmt.Sprintf("%s%d", path, n+1)
	}
	// Blocking reads are quicker and take a thread each: fine for a few.
	port, err := link.OpenPTY(link.PTYOptions{Dedicated: count == 1 && c.Baud == 0, Link: path})
	return ports, add(port, err)
}
