package modem

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/atcmd"
)

// pdn is a PDP context.
type pdn struct {
	cid    uint8
	active bool
	noIPv6 bool   // no router has answered since it became active
	typ    string // as given: "IP", "IPV6", "IPV4V6", "Non-IP", or "" for what the network has
	apn    string // as given
}

// contexts are the defined contexts in ascending order of <cid>. Context 0
// always exists, and as long as it is the only one with nothing in it there is
// no memory for it. They are not kept without power (fact pdn/not-stored).
type contexts struct {
	first pdn
	more  []pdn
}

// insert adds a context that is not there yet.
func (c *contexts) insert(next pdn) {
	i, _ := slices.BinarySearchFunc(c.more, next.cid, func(c pdn, cid uint8) int { return int(c.cid) - int(cid) })
	c.more = slices.Insert(c.more, i, next)
}

func (c *contexts) find(cid int) *pdn {
	if cid == 0 {
		return &c.first
	}
	for i := range c.more {
		if int(c.more[i].cid) == cid {
			return &c.more[i]
		}
	}
	return nil
}

// each calls fn for all contexts in ascending order.
func (c *contexts) each(fn func(*pdn)) {
	fn(&c.first)
	for i := range c.more {
		fn(&c.more[i])
	}
}

var contextCommands = map[string]*forms{
	"+CGDCONT":   {Set: (*Modem).defineContext, Read: (*Modem).readContexts, Test: (*Modem).testContexts},
	"+CGACT":     {Set: (*Modem).setActive, Read: (*Modem).readActive, Test: atcmd.Text[*Modem]("+CGACT: (0,1)")},
	"+CGPADDR":   {Bare: (*Modem).readAddress, Set: (*Modem).readAddress, Test: (*Modem).testAddress},
	"+CGCONTRDP": {Bare: (*Modem).readParameters, Set: (*Modem).readParameters, Test: (*Modem).testParameters},
	"+CGAUTH":    {Set: (*Modem).setAuthentication},
	"%XNEWCID":   {Read: (*Modem).newContext},
	"%XGETPDNID": {Set: (*Modem).readPDN},
	"+CGEREP": {
		Bare: (*Modem).setPacketEvents,
		Set:  (*Modem).setPacketEvents,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("+CGEREP: %d,0", btoi(m.events.packet))
			return nil
		},
		Test: atcmd.Text[*Modem]("+CGEREP: (0,1),(0)"),
	},
}

// contextArg reads a <cid> that the firmware has.
func (m *Modem) contextArg(args *atcmd.ArgReader) int {
	return args.Int(0, m.highestContext(), "a context")
}

// maxAPN is how long an access point name may be (3GPP TS 23.003: 100 octets).
const maxAPN = 100

// defineContext is AT+CGDCONT=<cid>[,<type>[,<apn>[,...]]]: with the number alone
// it removes the context. Quotes may be left out (fact at/unquoted-text).
func (m *Modem) defineContext(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	cid := m.contextArg(&args)
	remove := args.Len() == 0
	typ := args.TextOr(nil, 0, "the type")
	apn := args.TextOr(nil, maxAPN, "the access point name")
	for i := 4; i <= 12; i++ {
		switch i {
		case 7, 11, 12:
			args.IntOr(0, 0, 1, "off or on")
		default:
			args.Skip() // fact pdn/cgdcont-ignored
		}
	}
	if err := args.End(); err != nil {
		return err
	}
	c := m.contexts.find(cid)
	switch {
	case c != nil && c.active:
		return atcmd.Errorf("context %d is active: it cannot be changed before it is deactivated", cid)
	case remove:
		if cid == 0 {
			m.contexts.first = pdn{}
			return nil
		}
		if c == nil {
			return nil
		}
		m.contexts.more = slices.DeleteFunc(m.contexts.more, func(c pdn) bool { return int(c.cid) == cid })
		return nil
	}
	next := pdn{cid: uint8(cid), typ: m.contextType(string(typ)), apn: string(apn)}
	switch {
	case next.typ == "":
		return atcmd.Errorf("%q is not a type of context: IP, IPV6 or IPV4V6", typ)
	case strings.ContainsAny(next.apn, "\r\n"):
		return atcmd.Errorf("the access point name holds a line end")
	}
	if c != nil {
		*c = next
		return nil
	}
	if 1+len(m.contexts.more) >= m.cfg.Profile.Contexts {
		return atcmd.Errorf("this firmware has %d contexts at most", m.cfg.Profile.Contexts)
	}
	m.contexts.insert(next)
	return nil
}

// contextType returns the type as it is read back, "" if the firmware does not
// have it.
func (m *Modem) contextType(text string) string {
	for _, typ := range []string{"IP", "IPV6", "IPV4V6", "Non-IP"} {
		if strings.EqualFold(text, typ) && (typ != "Non-IP" || m.cfg.Profile.NonIP) {
			return typ
		}
	}
	return ""
}

func (m *Modem) readContexts(w *atcmd.Response, _ *atcmd.Command) error {
	if m.noContexts() {
		return nil
	}
	m.contexts.each(func(c *pdn) {
		typ, apn, address := c.typ, c.apn, ""
		if c.active {
			apn = m.apn(c)
			typ, address = m.activeType(c), m.addressText(c)
		} else if typ == "" {
			typ = m.cfg.Profile.UndefinedType
		}
		w.Printf(`+CGDCONT: %d,"%s","%s","%s",0,0`, c.cid, typ, apn, address)
	})
	return nil
}

// testContexts is AT+CGDCONT=?; no source has its answer, it has the shape of
// 3GPP TS 27.007 for the types that there are.
func (m *Modem) testContexts(w *atcmd.Response, _ *atcmd.Command) error {
	for _, typ := range []string{"IP", "IPV6", "IPV4V6", "Non-IP"} {
		if m.contextType(typ) != "" {
			w.Printf(`+CGDCONT: (0-%d),"%s",,,(0),(0)`, m.highestContext(), typ)
		}
	}
	return nil
}

func (m *Modem) apn(c *pdn) string {
	if c.apn == "" {
		return m.cfg.Network.APN
	}
	return c.apn
}

// addresses returns what the network gives an active context.
func (m *Modem) addresses(c *pdn) (v4, v6 netip.Addr) {
	n := &m.cfg.Network
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

// activateInitial activates context 0, as the attach does.
func (m *Modem) activateInitial() {
	if c := m.initialContext(); !c.active {
		m.activate(c)
	}
}

// The ESM causes of 3GPP TS 24.301 that say that the network has one type of
// address only, and the one for a type it does not have.
const (
	causeIPv4Only    = 50
	causeIPv6Only    = 51
	causeUnknownType = 28
)

// activate gives a context its address and tells it. <reason> and the cause are
// sent if both types were asked for and the network has one (fact pdn/ipv4-only).
func (m *Modem) activate(c *pdn) (ok bool) {
	v4, v6 := m.addresses(c)
	if !v4.IsValid() && !v6.IsValid() && c.typ != "Non-IP" {
		m.lastCause = lastCause{"ESM", causeUnknownType}
		m.notifyCause("ESM", causeUnknownType, int(c.cid))
		return false
	}
	c.active = true
	m.startIPv6(int(c.cid), v6)
	event := "ME PDN ACT " + strconv.Itoa(int(c.cid))
	if c.typ == "" || c.typ == "IPV4V6" {
		switch {
		case !v6.IsValid():
			m.notifyPacketEvent(event + ",0")
			m.notifyCause("ESM", causeIPv4Only, int(c.cid))
			return true
		case !v4.IsValid():
			m.notifyPacketEvent(event + ",1")
			m.notifyCause("ESM", causeIPv6Only, int(c.cid))
			return true
		}
	}
	m.notifyPacketEvent(event)
	return true
}

// startIPv6 plans what is told of a context's IPv6 address: that it is there, or that no
// router has answered (fact pdn/ipv6-event).
func (m *Modem) startIPv6(cid int, address netip.Addr) {
	if !address.IsValid() || !m.cfg.Profile.AttachEvents && !m.cfg.Network.IPv6Fails {
		return
	}
	m.after(ipv6Delay, func() {
		c := m.contexts.find(cid)
		if c == nil || !c.active {
			return
		}
		event := "IPV6 "
		if c.noIPv6 = m.cfg.Network.IPv6Fails; c.noIPv6 {
			event = "IPV6 FAIL "
			m.networkChanged()
		}
		if m.cfg.Profile.AttachEvents {
			m.notifyPacketEvent(event + strconv.Itoa(cid))
		}
	})
}

// ipv6Delay is how long after its activation a context has its IPv6 address (fact
// registration/attach-2).
const ipv6Delay = time.Second

// deactivateAll ends all contexts, the initial one last.
func (m *Modem) deactivateAll() {
	end := func(c *pdn) {
		if c.active {
			c.active, c.noIPv6 = false, false
			if c.cid%contextsByProfile != 0 || !m.cfg.Profile.QuietDetach {
				m.notifyPacketEvent("ME PDN DEACT " + strconv.Itoa(int(c.cid)))
			}
		}
	}
	initial := m.initialContext()
	m.contexts.each(func(c *pdn) {
		if c.cid != initial.cid {
			end(c)
		}
	})
	end(initial)
}

// setActive is AT+CGACT=<state>,<cid>. Context 0 cannot be changed (fact pdn/cgact).
func (m *Modem) setActive(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	activate := args.Bool("off or on")
	cid := m.contextArg(&args)
	if err := args.End(); err != nil {
		return err
	}
	c := m.contexts.find(cid)
	switch {
	case cid == int(m.initialContext().cid):
		return atcmd.Errorf("context %d is active while the modem is attached and cannot be changed", cid)
	case c == nil:
		return atcmd.Errorf("context %d is not defined: AT+CGDCONT=%d,... defines it", cid, cid)
	case !m.reg.registered():
		return atcmd.Errorf("the modem is not registered")
	case c.active == activate:
		return nil
	}
	m.wake()
	if !activate {
		c.active, c.noIPv6 = false, false
		m.soon = append(m.soon, func() { m.notifyPacketEvent(fmt.Sprintf("ME PDN DEACT %d", cid)) })
		return nil
	}
	if v4, v6 := m.addresses(c); !v4.IsValid() && !v6.IsValid() && c.typ != "Non-IP" {
		m.activate(c) // tells the cause
		return atcmd.Errorf("the network has no address of type %s", c.typ)
	}
	m.soon = append(m.soon, func() {
		if c := m.contexts.find(cid); c != nil && !c.active {
			m.activate(c)
		}
	})
	return nil
}

// noContexts reports whether there is nothing to read yet (fact
// pdn/bare-before-attach).
func (m *Modem) noContexts() bool {
	return m.cfg.Profile.BareContexts && m.contexts.first == (pdn{}) && len(m.contexts.more) == 0
}

func (m *Modem) readActive(w *atcmd.Response, _ *atcmd.Command) error {
	if m.noContexts() {
		return nil
	}
	m.contexts.each(func(c *pdn) { w.Printf("+CGACT: %d,%d", c.cid, btoi(c.active)) })
	return nil
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

// setAuthentication is AT+CGAUTH=<cid>[,<protocol>[,<user>[,<password>]]]. The
// emulated network lets everybody in, so nothing is kept.
func (m *Modem) setAuthentication(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	m.contextArg(&args)
	if args.IntOr(0, 0, 2, "the protocol: 0 none, 1 PAP, 2 CHAP") != 0 && !args.Has() {
		args.Fail("PAP and CHAP need a user")
	}
	args.TextOr(nil, 0, "the user")
	args.TextOr(nil, 0, "the password")
	return args.End()
}

// newContext is AT%XNEWCID?: the lowest number that is free, 1 to 11.
func (m *Modem) newContext(w *atcmd.Response, _ *atcmd.Command) error {
	for cid := 1; cid <= m.highestContext() && len(m.contexts.more) < m.cfg.Profile.Contexts-1; cid++ {
		if m.contexts.find(cid) == nil {
			w.Printf("%%XNEWCID: %d", cid)
			return nil
		}
	}
	return atcmd.Errorf("all contexts are in use")
}

func (m *Modem) readPDN(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	cid := m.contextArg(&args)
	if err := args.End(); err != nil {
		return err
	}
	id, ok := m.PDN(cid)
	if !ok {
		return atcmd.Errorf("context %d is not active", cid)
	}
	w.Printf("%%XGETPDNID: %d", id)
	return nil
}

// setPacketEvents is AT+CGEREP=[<mode>]; without one it unsubscribes (fact
// at/empty-list).
func (m *Modem) setPacketEvents(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	mode := args.IntOr(0, 0, 1, "off or on")
	args.IntOr(0, 0, 0, "what is done with events that could not be told")
	if err := args.End(); err != nil {
		return err
	}
	m.events.packet = mode == 1
	return nil
}

// PDN returns the identity of the connection that an active context has, as the
// modem's sockets are bound to it. It is the context's number (free choice).
func (m *Modem) PDN(cid int) (id int, ok bool) {
	c := m.contexts.find(cid)
	if c == nil || !c.active {
		return 0, false
	}
	return cid, true
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

// LosePDN ends a context from the network's side. Without context 0 the modem is
// not online until LTE has been switched off and on.
func (m *Modem) LosePDN(cid int) {
	defer m.settleOutside()
	if c := m.contexts.find(cid); m.Alive() && c != nil && c.active {
		m.wake()
		c.active = false
		m.notifyPacketEvent(fmt.Sprintf("NW PDN DEACT %d", cid))
		m.networkChanged()
	}
}
