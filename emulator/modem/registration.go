package modem

import (
	"fmt"
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
)

// The <stat> of +CEREG (fact registration/cereg-status).
const (
	statNotRegistered = 0
	statHome          = 1
	statSearching     = 2
	statDenied        = 3
	statUnknown       = 4
	statRoaming       = 5
	statUICCFailure   = 90
)

// timerDeactivated is a timer of the power saving mode that is not in use
// (fact registration/cereg).
const timerDeactivated = "11100000"

// reg is the network registration.
type reg struct {
	level   uint8 // <n> of +CEREG
	stat    uint8
	cause   uint8 // EMM cause, 0 for none
	started bool  // stat holds; before that it reads as unknown
	// switchedOff is set by a +CFUN that switches LTE off.
	switchedOff bool
	// found is set when a cell has been found, waiting when only the SIM is
	// missing.
	found, waiting bool
	foundTold      bool // the last change of the status was told with a cell
	// detached is set by +CGATT=0, until +CGATT=1 or LTE is switched off.
	detached bool
	// operator is the network that the cell belongs to.
	operator *network.Operator
	// activeTime and periodicTAU are the granted timers of the power saving mode.
	activeTime, periodicTAU string
	cancel                  []func()
}

// status returns the <stat>: unknown before the first +CFUN=1 (fact
// registration/cereg-unknown).
func (r *reg) status() int {
	if !r.started {
		return statUnknown
	}
	return int(r.stat)
}

func (r *reg) registered() bool {
	return r.started && (r.stat == statHome || r.stat == statRoaming)
}

var registrationCommands = map[string]*forms{
	"+CEREG": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			n, ok := cmd.Int(0, 0, 5)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("+CEREG takes a number from 0 to 5")
			}
			m.reg.level = uint8(n)
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Append(func(b []byte) []byte {
				b = strconv.AppendInt(append(b, "+CEREG: "...), int64(m.reg.level), 10)
				return m.appendStatus(append(b, ','))
			})
			return nil
		},
		Test: atcmd.Text[*Modem]("+CEREG: (0-5)"),
	},
	"+CGATT": {
		Set:  (*Modem).setAttach,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error { return m.readAttach(w) },
		Test: atcmd.Text[*Modem]("+CGATT: (0,1)"),
	},
}

// setAttach is AT+CGATT=<0|1> (fact registration/cgatt).
func (m *Modem) setAttach(_ *atcmd.Response, cmd *atcmd.Command) error {
	v, ok := cmd.Int(0, 0, 1)
	switch {
	case !ok || len(cmd.Args) != 1:
		return atcmd.Errorf("+CGATT takes 0 or 1")
	case !m.radio.lte || m.radio.receive:
		return atcmd.Errorf("LTE is off: AT+CFUN=1 attaches by itself")
	case v == 0 && !m.reg.detached:
		m.soon = append(m.soon, func() {
			m.detach("+CGATT=0")
			m.reg.detached = true
		})
	case v == 1 && m.reg.detached:
		m.reg.detached = false
		m.startSearch()
	}
	return nil
}

func (m *Modem) readAttach(w *atcmd.Response) error {
	w.Printf("+CGATT: %d", btoi(m.reg.registered()))
	return nil
}

// startSearch begins what LTE does when it is switched on. The order of the steps
// is that of the recorded sequences (facts registration/attach-lte-m and
// registration/attach-nb-iot); how the time is shared out among them is free.
func (m *Modem) startSearch() {
	if m.reg.switchedOff && !m.reg.started {
		// After an explicit +CFUN=0 or 4 the recorded modem told 0 first; one that
		// had just booted did not (fact registration/attach-first-cereg).
		m.after(0, func() { m.setRegistration(statNotRegistered, "the search begins") })
	}
	if m.restricted() {
		m.soon = append(m.soon, m.startRestriction)
		return
	}
	d := m.cfg.Network.AttachDelay
	m.reg.cancel = append(m.reg.cancel[:0], m.after(d/4, m.cellFound))
	if m.radio.receive {
		return // it never sends, so it never registers
	}
	m.soon = append(m.soon, func() {
		m.reg.cancel = append(m.reg.cancel, m.after(d, func() {
			m.reg.waiting = true
			m.attachIfReady()
		}))
	})
}

// cellFound is the first step of a search that finds something.
func (m *Modem) cellFound() {
	if m.reg.operator = m.selectOperator(); m.reg.operator == nil {
		m.setRegistration(statSearching, "no network was found")
		return
	}
	m.reg.found = true
	m.signal.measure(m.cfg.Network.SearchSignal)
	m.notifySignal()
	m.setRegistration(statSearching, "a cell was found")
}

// attachIfReady registers once the search is over and the SIM is ready.
func (m *Modem) attachIfReady() {
	if !m.reg.waiting || !m.radio.lte || m.radio.receive {
		return
	}
	if !m.reg.found {
		m.searchFailed()
		return
	}
	if !m.sim.ready {
		return
	}
	m.reg.waiting = false
	m.signal.measure(m.cfg.Network.Signal)
	m.notifySignal()
	m.connect()
	if cause := m.rejection(); cause != 0 {
		m.reject(cause)
		return
	}
	n := &m.cfg.Network
	m.reg.cause = n.AttachCause
	m.grantPowerSaving()
	// In NB-IoT the recorded session has no line about the context in front of
	// the registration, in LTE-M it has (fact registration/connection-order).
	lteM := m.accessTechnology() == 7
	if lteM {
		m.activateInitial()
		m.notifyEvent("SEARCH STATUS 2", 1)
	}
	if m.roams() {
		m.setRegistration(statRoaming, "registered, roaming")
	} else {
		m.setRegistration(statHome, "registered, home network")
	}
	if !lteM {
		m.notifyEvent("SEARCH STATUS 2", 1)
		m.activateInitial()
	}
	m.notifyIndicator("service", 1)
	if m.roams() {
		m.notifyIndicator("roam", 1)
	}
	m.networkTime()
	m.notifyEDRX()
	m.networkChanged()
	m.extendResetTimer()
}

// searchFailed tells that nothing was found: first after the bands of old, then
// after all of them (fact events/search-status).
func (m *Modem) searchFailed() {
	m.reg.waiting = false
	m.notifyEvent("SEARCH STATUS 1", 1)
	m.reg.cancel = append(m.reg.cancel, m.after(m.cfg.Network.AttachDelay, func() { m.notifyEvent("SEARCH STATUS 2", 1) }))
}

// rejection returns the EMM cause for which the network refuses the modem, 0 if
// it does not.
func (m *Modem) rejection() uint8 {
	switch {
	case m.reg.operator.Forbidden:
		return causePLMNNotAllowed
	case m.reg.operator == &m.cfg.Network.Operator:
		return m.cfg.Network.RejectCause
	}
	return 0
}

// causePLMNNotAllowed is an EMM cause of 3GPP TS 24.301.
const causePLMNNotAllowed = 11

// reject ends an attach that the network refused.
func (m *Modem) reject(cause uint8) {
	m.reg.cause = cause
	m.lastCause = lastCause{"EMM", cause}
	m.notifyCause("EMM", int(cause), -1)
	m.setRegistration(statDenied, fmt.Sprintf("the network refused the modem with EMM cause %d", cause))
	m.disconnect()
}

// detach ends the registration and a search, in the order of the recorded
// sequence (fact registration/detach).
func (m *Modem) detach(why string) {
	for _, cancel := range m.reg.cancel {
		cancel()
	}
	attached := m.reg.registered()
	m.deactivateAll()
	m.reg = reg{
		level: m.reg.level, stat: m.reg.stat, started: m.reg.started, switchedOff: m.reg.switchedOff,
		cancel: m.reg.cancel[:0],
	}
	m.setRegistration(statNotRegistered, why)
	if attached {
		m.notifyPacketEvent("ME DETACH")
	}
	m.disconnect()
	m.signalLost()
	if attached {
		m.notifyIndicator("service", 0)
	}
	m.stopSaving()
	m.networkChanged()
}

// setRegistration changes the status and tells it to those who subscribed.
func (m *Modem) setRegistration(stat uint8, why string) {
	r := &m.reg
	if r.started && r.stat == stat && r.found == r.foundTold {
		return
	}
	r.stat, r.started, r.foundTold = stat, true, r.found
	m.cfg.Log.Add(event.Event{Registration: &event.Registration{Status: int(stat), Reason: why}})
	if m.reg.level > 0 {
		m.notify(m.appendStatus([]byte("+CEREG: ")))
	}
}

// appendStatus appends <stat> and what the level adds to it (fact registration/cereg).
func (m *Modem) appendStatus(b []byte) []byte {
	r := &m.reg
	b = strconv.AppendInt(b, int64(r.status()), 10)
	if r.level < 2 || !r.found {
		return b
	}
	n := &m.cfg.Network
	b = fmt.Appendf(b, `,"%04X","%08X",%d`, n.TrackingArea, n.Cell, m.accessTechnology())
	cause := (r.level == 3 || r.level == 5) && r.cause != 0
	timers := r.level >= 4 && r.registered()
	switch {
	case cause:
		b = fmt.Appendf(b, ",0,%d", r.cause) // <cause_type> 0: an EMM cause
	case timers:
		b = append(b, ",,"...)
	}
	if timers {
		b = fmt.Appendf(b, `,"%s","%s"`, r.activeTime, r.periodicTAU)
	}
	return b
}

// accessTechnology returns the <AcT>: 7 for LTE-M, 9 for NB-IoT.
func (m *Modem) accessTechnology() int {
	s := &m.settings.systemMode
	if s.lteM && !(s.nbIoT && (s.preference == 2 || s.preference == 4)) {
		return 7
	}
	return 9
}
