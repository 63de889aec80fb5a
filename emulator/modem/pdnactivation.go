package modem

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"nrf91emu/atcmd"
)

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

func (m *Modem) readActive(w *atcmd.Response, _ *atcmd.Command) error {
	if m.noContexts() {
		return nil
	}
	m.contexts.each(func(c *pdn) { w.Printf("+CGACT: %d,%d", c.cid, btoi(c.active)) })
	return nil
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

// PDN returns the identity of the connection that an active context has, as the
// modem's sockets are bound to it. It is the context's number (free choice).
func (m *Modem) PDN(cid int) (id int, ok bool) {
	c := m.contexts.find(cid)
	if c == nil || !c.active {
		return 0, false
	}
	return cid, true
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
