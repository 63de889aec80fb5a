package exec

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"nrf91emu/emulator/link"
)

// A hostPort is the port of a device in one boot.
type hostPort struct {
	link.Port
	opened func() bool  // whether a host has come
	lost   func() error // what has ended it in the boot, for a real modem's
	// name is what the command gets: a path such as /dev/pts/5, or such as
	// tcp:127.0.0.1:4242, which QEMU takes too. addr is the latter without what stands in
	// front.
	name, addr string
	dedicated  bool
}

// openPort makes the port of a device, from 1. It is a new one for each boot: a banner waits
// in it for the command, and nothing of an earlier boot does.
func openPort(cfg *Config, number int) (*hostPort, error) {
	for _, l := range []struct {
		addr   string
		listen func(string) (*link.Server, error)
	}{{cfg.Listen, link.ListenTCP}, {cfg.RFC2217, link.ListenRFC2217}} {
		if l.addr == "" {
			continue
		}
		addr, err := nextAddress(l.addr, number)
		if err != nil {
			return nil, err
		}
		server, err := l.listen(addr)
		if err != nil {
			return nil, err
		}
		return &hostPort{Port: server, opened: server.Opened, name: server.Name(), addr: server.Addr().String()}, nil
	}
	path := cfg.Link
	if path != "" && len(cfg.More) > 0 {
		path += strconv.Itoa(number)
	}
	pty, err := link.OpenPTY(link.PTYOptions{Dedicated: true, Link: path})
	if err != nil {
		return nil, err
	}
	return &hostPort{Port: pty, opened: pty.Opened, name: pty.Name(), dedicated: true}, nil
}

// nextAddress returns the address for a device: the ports follow each other, but for 0, which
// is any.
func nextAddress(addr string, number int) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", err
	}
	if n > 0 {
		n += uint64(number - 1)
	}
	if n > 65535 {
		return "", fmt.Errorf("there is no port %d for device %d: choose a lower one for the first", n, number)
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}

// fixedPort reports whether only one device at a time can have the port.
func (c *Config) fixedPort() bool {
	for _, addr := range []string{c.Listen, c.RFC2217} {
		if addr != "" && !strings.HasSuffix(addr, ":0") {
			return true
		}
	}
	return c.Link != ""
}

// watched returns the port as the device gets it, which tells what comes in.
func (p *hostPort) watched(o *observer) link.Port { return watchedPort{p, o} }

// A watchedPort tells the observer what a host sends.
type watchedPort struct {
	*hostPort
	observer *observer
}

// Dedicated reports whether Read blocks a thread.
func (p watchedPort) Dedicated() bool { return p.dedicated }

// Read tells and passes on.
func (p watchedPort) Read(b []byte) (int, error) {
	n, err := p.Port.Read(b)
	p.observer.received(b[:n])
	return n, err
}

// environment returns the variables that say where the devices are.
func (s *session) environment() []string {
	var env []string
	for _, u := range s.units {
		add := func(name, value string) {
			if value == "" {
				return
			}
			if u.number == 1 {
				env = append(env, name+"="+value)
			}
			if len(s.units) > 1 {
				env = append(env, name+"_"+strconv.Itoa(u.number)+"="+value)
			}
		}
		add(PortVariable, u.port.name)
		add(AddressVariable, u.port.addr)
		add(LibraryVariable, u.library)
	}
	return env
}

// words returns the command with the names of the ports in it.
func (s *session) words() []string {
	pairs := []string{}
	for _, u := range s.units {
		n := strconv.Itoa(u.number)
		if u.number == 1 {
			pairs = append(pairs, "{port}", u.port.name)
			if u.port.addr != "" {
				pairs = append(pairs, "{addr}", u.port.addr)
			}
		}
		pairs = append(pairs, "{port"+n+"}", u.port.name)
		if u.port.addr != "" {
			pairs = append(pairs, "{addr"+n+"}", u.port.addr)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	list := make([]string, len(s.cfg.Command))
	for i, word := range s.cfg.Command {
		list[i] = replacer.Replace(word)
	}
	return list
}
