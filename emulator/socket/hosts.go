package socket

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ParseHost reads NAME=ADDR[:PORT] or NAME:PORT=ADDR[:PORT], where an IPv6 address
// with a port stands in brackets. It returns a key and a value of Config.Hosts: the
// name in lower case, with its port if there is one, and the address; a port of the
// address that is left out is 0. What no program can ask for is refused.
func ParseHost(text string) (name string, addr netip.AddrPort, err error) {
	name, target, ok := strings.Cut(text, "=")
	if !ok || name == "" || target == "" {
		return "", addr, fmt.Errorf("host mapping %q: write NAME=ADDR, NAME=ADDR:PORT or NAME:PORT=ADDR:PORT", text)
	}
	if name, err = hostKey(name); err != nil {
		return "", addr, fmt.Errorf("host mapping %q: %w", text, err)
	}
	if ip, err := netip.ParseAddr(strings.Trim(target, "[]")); err == nil && ip.Zone() == "" {
		return name, netip.AddrPortFrom(ip.Unmap(), 0), nil
	}
	addr, err = netip.ParseAddrPort(target)
	if err != nil || addr.Addr().Zone() != "" {
		return "", netip.AddrPort{}, fmt.Errorf("host mapping %q: %q is not an IP address, with or without a port", text, target)
	}
	return name, unmap(addr), nil
}

// CheckHosts looks for what can never match in Config.Hosts.
func CheckHosts(hosts map[string]netip.AddrPort) error {
	for _, key := range slices.Sorted(maps.Keys(hosts)) {
		canonical, err := hostKey(key)
		switch {
		case err != nil:
			return fmt.Errorf("host mapping: %w", err)
		case canonical != key:
			return fmt.Errorf("the host mapping %q can never match: write it as %q", key, canonical)
		case !hosts[key].Addr().IsValid():
			return fmt.Errorf("the host mapping of %q has no address", key)
		}
	}
	return nil
}

// hostKey checks the left side of a mapping and brings it into the form of a key.
func hostKey(text string) (string, error) {
	if _, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return "", fmt.Errorf("%s is an address, and only names are looked up: map the name that the program asks for", text)
	}
	for _, c := range text {
		if c <= ' ' || c == 0x7f || strings.ContainsRune(`/"\,@[]`, c) {
			return "", fmt.Errorf("%q is not a host name: write it without a scheme, a path or blanks", text)
		}
	}
	name, port, hasPort := strings.Cut(text, ":")
	name = canonicalName(name)
	if hasPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return "", fmt.Errorf("%q is not a name with a port between 1 and 65535", text)
		}
	}
	if name == "" || len(name) > 253 {
		return "", fmt.Errorf("%q is not a host name: it has between 1 and 253 characters", name)
	}
	if hasPort {
		return name + ":" + port, nil
	}
	return name, nil
}

// A mappedHost is what Config.Hosts says of one name.
type mappedHost struct {
	name string
	addr netip.Addr // what a lookup of the name gives
	// standIn says that addr stands for the name and must be turned into an address
	// of the host when it is used.
	standIn bool
	whole   netip.AddrPort            // for ports that are not in ports; invalid: they are closed
	ports   map[uint16]netip.AddrPort // by the port that the program asks for
}

// at returns the host's address for a port that the program asks for; false if
// that port is closed.
func (h *mappedHost) at(port uint16) (netip.AddrPort, bool) {
	to, ok := h.ports[port]
	if !ok {
		to, ok = h.whole, h.whole.IsValid()
	}
	if ok && to.Port() == 0 {
		to = netip.AddrPortFrom(to.Addr(), port)
	}
	return to, ok
}

// open names the ports that are not closed.
func (h *mappedHost) open() string {
	var list []string
	for _, p := range slices.Sorted(maps.Keys(h.ports)) {
		list = append(list, strconv.Itoa(int(p)))
	}
	return strings.Join(list, ", ")
}

// mappedHosts is Config.Hosts in a form to look things up.
//
// A program may look a name up first and connect to the address it got. Where a
// mapping has ports, the address alone would not lead there; so a lookup gives an
// address that stands for the name, of the range for benchmarks (RFC 2544) or for
// documentation (RFC 3849), and what is sent to it goes where the mapping says.
// fact: chosen, no address of the real internet is taken away by it.
type mappedHosts struct {
	byName map[string]*mappedHost
	byAddr map[netip.Addr]*mappedHost        // stand-ins
	shown  map[netip.AddrPort]netip.AddrPort // of the host, to the stand-in that leads to it
}

func newMappedHosts(config map[string]netip.AddrPort) mappedHosts {
	if len(config) == 0 {
		return mappedHosts{}
	}
	m := mappedHosts{
		byName: make(map[string]*mappedHost, len(config)),
		byAddr: make(map[netip.Addr]*mappedHost),
		shown:  make(map[netip.AddrPort]netip.AddrPort),
	}
	keys := slices.Sorted(maps.Keys(config)) // stand-ins do not depend on the map's order
	for _, key := range keys {
		to := config[key]
		name, portText, hasPort := strings.Cut(key, ":")
		h := m.byName[name]
		if h == nil {
			h = &mappedHost{name: name, addr: to.Addr()}
			m.byName[name] = h
		}
		if hasPort {
			port, err := strconv.ParseUint(portText, 10, 16)
			if err != nil {
				continue // ParseHost refuses it
			}
			if h.ports == nil {
				h.ports = make(map[uint16]netip.AddrPort)
			}
			h.ports[uint16(port)] = to
		} else {
			h.whole = to
		}
	}
	count := 0
	for _, name := range slices.Sorted(maps.Keys(m.byName)) {
		h := m.byName[name]
		if len(h.ports) == 0 && h.whole.Port() == 0 {
			continue
		}
		count++
		h.addr, h.standIn = standIn(h.addr, count), true
		m.byAddr[h.addr] = h
		for port := range h.ports {
			to, _ := h.at(port)
			m.shown[to] = netip.AddrPortFrom(h.addr, port)
		}
	}
	return m
}

// standIn returns stand-in n, from 1, of the family of an address.
func standIn(of netip.Addr, n int) netip.Addr {
	if of.Is4() {
		ip := [4]byte{}
		binary.BigEndian.PutUint32(ip[:], 198<<24|18<<16|uint32(n)&0x1ffff)
		return netip.AddrFrom4(ip)
	}
	ip := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint64(ip[8:], uint64(n))
	return netip.AddrFrom16(ip)
}

// translate returns where on the host an address and a port lead.
func (m *mappedHosts) translate(to netip.AddrPort) (netip.AddrPort, error) {
	h := m.byAddr[to.Addr()]
	if h == nil {
		return to, nil
	}
	real, ok := h.at(to.Port())
	if !ok {
		return to, &closedPort{h, to.Port()}
	}
	return real, nil
}

// showAs returns the address by which the program knows one of the host.
func (m *mappedHosts) showAs(real netip.AddrPort) netip.AddrPort {
	if as, ok := m.shown[real]; ok {
		return as
	}
	return real
}

// A closedPort is the error of a port that a mapping leaves closed.
type closedPort struct {
	host *mappedHost
	port uint16
}

func (e *closedPort) Error() string {
	return fmt.Sprintf("the name %s is mapped for port %s and not for %d, so nothing listens there", e.host.name, e.host.open(), e.port)
}
