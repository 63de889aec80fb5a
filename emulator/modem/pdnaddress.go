package modem

import (
	"net/netip"
	"strconv"

	"nrf91emu/atcmd"
)

func (m *Modem) apn(c *pdn) string {
	if c.apn == "" {
		return m.cfg.Network.APN
	}
	return c.apn
}

// addresses returns what the network gives an active context.
func (m *Modem) addresses(c *pdn) (v4, v6 netip.Addr) {
	n := m.cfg.Network
	if c.typ == "Non-IP" {
		return
	}
	if c.typ != "IPV6" {
		v4 = addToAddress(n.IPv4, c.cid)
	}
	if c.typ != "IP" && !c.noIPv6 {
		v6 = addToAddress(n.IPv6, c.cid)
	}
	return v4, v6
}

// addToAddress returns the address that is higher by n, in its last byte.
func addToAddress(a netip.Addr, n uint8) netip.Addr {
	b := a.AsSlice()
	if len(b) == 0 {
		return a
	}
	b[len(b)-1] += n
	sum, _ := netip.AddrFromSlice(b)
	return sum
}

// addressText returns the addresses in one string, with a blank between two
// (fact pdn/addresses).
func (m *Modem) addressText(c *pdn) string {
	v4, v6 := m.addresses(c)
	text := addressText(v4)
	if v4.IsValid() && v6.IsValid() {
		text += " "
	}
	return text + addressText(v6)
}

// addressText writes an IPv6 address with all its zeros (fact pdn/addresses).
func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.StringExpanded()
}

// activeType returns the type that an active context has come to have.
func (m *Modem) activeType(c *pdn) string {
	v4, v6 := m.addresses(c)
	switch {
	case v4.IsValid() && v6.IsValid():
		return "IPV4V6"
	case v4.IsValid():
		return "IP"
	case v6.IsValid():
		return "IPV6"
	}
	return c.typ
}

// asked calls fn for the context that the command names, or for all, if it is
// active. What is not active has no line (fact pdn/inactive-silent).
func (m *Modem) asked(cmd *atcmd.Command, fn func(*pdn)) error {
	args := atcmd.ReadArgs(cmd)
	only := -1
	if args.Len() > 0 {
		only = m.contextArg(&args)
	}
	if err := args.End(); err != nil {
		return err
	}
	m.contexts.each(func(c *pdn) {
		if c.active && (only < 0 || int(c.cid) == only) {
			fn(c)
		}
	})
	return nil
}

func (m *Modem) readAddress(w *atcmd.Response, cmd *atcmd.Command) error {
	return m.asked(cmd, func(c *pdn) {
		v4, v6 := m.addresses(c)
		switch {
		case v4.IsValid() && v6.IsValid():
			w.Printf(`+CGPADDR: %d,"%s","%s"`, c.cid, addressText(v4), addressText(v6))
		default:
			w.Printf(`+CGPADDR: %d,"%s"`, c.cid, m.addressText(c))
		}
	})
}

// readParameters is AT+CGCONTRDP: a line for IPv4 and one for IPv6.
func (m *Modem) readParameters(w *atcmd.Response, cmd *atcmd.Command) error {
	return m.asked(cmd, func(c *pdn) {
		v4, v6 := m.addresses(c)
		for _, a := range []netip.Addr{v4, v6} {
			if !a.IsValid() {
				continue
			}
			var dns [2]string
			found := 0
			for _, d := range m.cfg.Network.DNS {
				if d.Is4() == a.Is4() && found < len(dns) {
					dns[found] = addressText(d)
					found++
				}
			}
			w.Printf(`+CGCONTRDP: %d,,"%s","","","%s","%s",,,,,%d`, c.cid, m.apn(c), dns[0], dns[1], m.cfg.Network.MTU)
		}
	})
}

func (m *Modem) testAddress(w *atcmd.Response, _ *atcmd.Command) error {
	return m.listContexts(w, "+CGPADDR: (")
}

func (m *Modem) testParameters(w *atcmd.Response, _ *atcmd.Command) error {
	return m.listContexts(w, "+CGCONTRDP: (")
}

// listContexts writes the numbers of the defined contexts in brackets.
func (m *Modem) listContexts(w *atcmd.Response, text string) error {
	m.contexts.each(func(c *pdn) { text += strconv.Itoa(int(c.cid)) + "," })
	w.Line(text[:len(text)-1] + ")")
	return nil
}

// Address returns the addresses of an active context, as text; one of them may
// be empty.
func (m *Modem) Address(cid int) (v4, v6 string, ok bool) {
	c := m.contexts.find(cid)
	if c == nil || !c.active {
		return "", "", false
	}
	a4, a6 := m.addresses(c)
	return addressText(a4), addressText(a6), true
}
