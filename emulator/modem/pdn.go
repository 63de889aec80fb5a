package modem

import (
	"slices"
	"strings"

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

// noContexts reports whether there is nothing to read yet (fact
// pdn/bare-before-attach).
func (m *Modem) noContexts() bool {
	return m.cfg.Profile.BareContexts && m.contexts.first == (pdn{}) && len(m.contexts.more) == 0
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
