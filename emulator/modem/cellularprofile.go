package modem

import (
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// cellularProfile is one of two configurations of the satellite firmware: for a network on
// the ground and one in the sky. Each has contexts of its own (fact cfun/modes-45-46).
type cellularProfile struct {
	configured bool
	technology uint8 // bits: 1 LTE-M, 2 NB-IoT, 4 and 8 satellite networks
}

// cellularProfiles are both, and what they have registered.
type cellularProfiles struct {
	list       [2]cellularProfile
	subscribed bool
	// suspended is a registration that +CFUN=45 has kept, nil for none.
	suspended [2]*suspension
	// denied says that the network has denied the last attach.
	denied [2]bool
}

// forget ends what the profiles have kept.
func (p *cellularProfiles) forget() { p.suspended, p.denied = [2]*suspension{}, [2]bool{} }

// suspension is a registration that goes on when the modem comes back.
type suspension struct {
	reg  reg
	cids []int // the contexts that are active in it
}

// Contexts by profile: the first of each is its initial one.
const contextsByProfile = 10

var cellularProfileCommands = map[string]*forms{"%CELLULARPRFL": {Set: (*Modem).setCellularProfile}}

// setCellularProfile is AT%CELLULARPRFL=<0|1> to subscribe and
// AT%CELLULARPRFL=2,<id>[,<technologies>,<uicc>] to configure or to remove (fact
// registration/cellular-profile).
func (m *Modem) setCellularProfile(_ *atcmd.Response, cmd *atcmd.Command) error {
	p := &m.profiles
	args := atcmd.ReadArgs(cmd)
	op := args.Int(0, 2, "1 to subscribe, 0 to end that, 2 to configure")
	if op < 2 {
		if err := args.End(); err != nil {
			return err
		}
		p.subscribed = op == 1
		return nil
	}
	id := args.Int(0, len(p.list)-1, "the number of a profile")
	var next cellularProfile
	if args.Len() > 0 {
		next = cellularProfile{configured: true, technology: uint8(args.Int(1, 15, "its technologies"))}
		if uicc := args.Int(0, softwareCard, "its card, 0 or 2"); uicc == 1 {
			args.Fail("the card of a profile is 0 or 2")
		}
	}
	if args.Err() == nil && m.radio.active {
		args.Code = event.CMEActiveState
		args.Fail("profiles are configured before +CFUN=1")
	}
	if err := args.End(); err != nil {
		return err
	}
	p.list[id] = next
	p.forget()
	return nil
}

// both reports whether both profiles are configured.
func (p *cellularProfiles) both() bool { return p.list[0].configured && p.list[1].configured }

// profile returns the profile for the system mode in use, 0 where there are none.
func (m *Modem) profile() int {
	bit := uint8(1)
	switch m.accessTechnology() {
	case 9:
		bit = 2
	case 14:
		bit = 4 | 8
	}
	if p := m.profiles.list; p[1].configured && p[1].technology&bit != 0 && (!p[0].configured || p[0].technology&bit == 0) {
		return 1
	}
	return 0
}

// highestContext returns the highest number of a context.
func (m *Modem) highestContext() int {
	if m.profiles.list[1].configured {
		return 2*contextsByProfile - 1
	}
	return m.cfg.Profile.HighestContext
}

// initialContext returns the context that comes with the registration.
func (m *Modem) initialContext() *pdn {
	if cid := m.profile() * contextsByProfile; cid != 0 {
		if m.contexts.find(cid) == nil {
			m.contexts.insert(pdn{cid: uint8(cid)})
		}
		return m.contexts.find(cid)
	}
	return &m.contexts.first
}

// suspend keeps the registration while the radio is off.
func (m *Modem) suspend() {
	if !m.reg.registered() {
		m.detach("LTE was switched off")
		return
	}
	s := &suspension{reg: m.reg}
	m.contexts.each(func(c *pdn) {
		if c.active {
			s.cids = append(s.cids, int(c.cid))
			c.active = false
			m.notifyPacketEvent("ME PDN SUSPENDED " + strconv.Itoa(int(c.cid)))
		}
	})
	m.profiles.suspended[m.profile()] = s
	m.reg.found = false
	m.setRegistration(statNotRegistered, "LTE was switched off; the network keeps the registration")
	m.disconnect()
	m.signalLost()
	m.stopSaving()
	m.networkChanged()
}

// resume goes on with a registration that was kept.
func (m *Modem) resume() {
	kept := &m.profiles.suspended[m.profile()]
	s := *kept
	if s == nil || !m.radio.lte {
		return
	}
	*kept = nil
	level, cancel := m.reg.level, m.reg.cancel
	stat := s.reg.stat
	m.reg = s.reg
	m.reg.level, m.reg.cancel, m.reg.stat, m.reg.foundTold = level, cancel, statNotRegistered, false
	m.signal.measure(m.coverage.signal)
	m.notifySignal()
	for _, cid := range s.cids {
		if c := m.contexts.find(cid); c != nil {
			c.active = true
			m.notifyPacketEvent("ME PDN RESUMED " + strconv.Itoa(cid))
		}
	}
	m.setRegistration(stat, "the registration that was kept goes on")
	m.networkChanged()
}

// tellProfile tells which profile has become active.
func (m *Modem) tellProfile() {
	if p := &m.profiles; p.subscribed && p.list[m.profile()].configured {
		m.notify(strconv.AppendInt([]byte("%CELLULARPRFL: "), int64(m.profile()), 10))
	}
}
