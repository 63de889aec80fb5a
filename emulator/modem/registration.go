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
	// Of satellite firmware only (fact registration/cereg-satellite): statReceiving is
	// added to 0 to 5 in functional mode 2, statNoSuitableCell ends a search.
	statReceiving      = 50
	statNoSuitableCell = 91
)

// timerDeactivated is a timer of the power saving mode that is not in use
// (fact registration/cereg).
const timerDeactivated = "11100000"

// reg is the network registration.
type reg struct {
	level   uint8 // <n> of +CEREG
	stat    uint8
	cause   uint8 // EMM cause, 0 for none
	own     bool  // cause is of the manufacturer's own
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
	retry                   retry
}

// status returns the <stat>: unknown before the first +CFUN=1 (fact
// registration/cereg-unknown).
func (r *reg) status() int {
	if !r.started {
		return statUnknown
	}
	return int(r.stat)
}

// registered reports whether the network serves the modem; one that only receives is not
// served, whatever its profile has kept.
func (r *reg) registered() bool {
	return r.started && isRegistered(int(r.stat))
}

func isRegistered(stat int) bool { return stat == statHome || stat == statRoaming }

// status returns the <stat> that the modem tells.
func (m *Modem) status() int { return int(m.tells(uint8(m.reg.status()))) }

// tells returns a status as the modem tells it: satellite firmware says that it only
// receives.
func (m *Modem) tells(stat uint8) uint8 {
	if m.radio.receive && m.cfg.Profile.ReceivingStatus && stat <= statRoaming {
		return statReceiving + stat
	}
	return stat
}

var registrationCommands = map[string]*forms{
	"+CEREG": subscribes(5, "the level of the notification", func(m *Modem, n int) { m.reg.level = uint8(n) }, forms{
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Append(func(b []byte) []byte {
				b = strconv.AppendInt(append(b, "+CEREG: "...), int64(m.reg.level), 10)
				return m.appendStatus(append(b, ','))
			})
			return nil
		},
		Test: atcmd.Text[*Modem]("+CEREG: (0-5)"),
	}),
	"+CGATT": {
		Set:  (*Modem).setAttach,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error { return m.readAttach(w) },
		Test: atcmd.Text[*Modem]("+CGATT: (0,1)"),
	},
}

// setAttach is AT+CGATT=<0|1> (fact registration/cgatt).
func (m *Modem) setAttach(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	attach := args.Bool("off or on")
	if err := args.End(); err != nil {
		return err
	}
	switch {
	case !m.radio.lte || m.radio.receive:
		return atcmd.Errorf("LTE is off: AT+CFUN=1 attaches by itself")
	case !attach && !m.reg.detached:
		m.soon = append(m.soon, func() {
			m.detach("+CGATT=0")
			m.reg.detached = true
		})
	case attach && m.reg.detached:
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
	for _, cancel := range m.reg.cancel {
		cancel()
	}
	if !m.radio.receive && m.reg.stat >= statReceiving && m.reg.stat <= statReceiving+statRoaming {
		m.reg.stat = statNotRegistered // as with other firmware, nothing is told before the attach
	}
	if m.reg.switchedOff && !m.reg.started {
		// After an explicit +CFUN=0 or 4 the recorded modem told 0 first; one that
		// had just booted did not (fact registration/attach-first-cereg).
		m.after(0, func() { m.setRegistration(statNotRegistered, "the search begins") })
	}
	if m.restricted() {
		m.soon = append(m.soon, m.startRestriction)
		return
	}
	if m.profiles.suspended[m.profile()] != nil && !m.radio.receive {
		m.reg.cancel = append(m.reg.cancel[:0], m.after(m.cfg.Network.AttachDelay/2, m.resume))
		return
	}
	d := m.cfg.Network.AttachDelay
	m.reg.cancel = append(m.reg.cancel[:0], m.after(d/4, m.cellFound))
	m.soon = append(m.soon, func() {
		m.reg.cancel = append(m.reg.cancel, m.after(d, func() {
			m.reg.waiting = true
			m.attachIfReady()
		}))
	})
}

// cellFound is the first step of a search that finds something. Without a usable
// card the modem does not look for one (fact registration/cereg-no-card).
func (m *Modem) cellFound() {
	r := &m.reg
	if m.cardDead() {
		if m.sim.started { // it had power before LTE, and has told then what is wrong with it
			m.setRegistration(statUICCFailure, "the card cannot be used")
		}
		return
	}
	if m.settings.systemMode.ntn && !m.location.valid() {
		m.requestLocation()
		return
	}
	if r.operator = m.selectOperator(); r.operator == nil {
		m.setRegistration(statSearching, "no network was found")
		return
	}
	m.signal.measure(m.cfg.Network.SearchSignal)
	m.notifySignal()
	switch {
	case m.radio.receive:
		m.camp()
	case r.found:
		// It was camped there already.
	case m.rejection() != 0:
		// In the recorded session no cell was told before the refusal.
		m.setRegistration(statSearching, "a cell was found")
	default:
		r.found = true
		m.setRegistration(statSearching, "a cell was found")
	}
}

// camp ends the search of a modem that only receives (fact registration/receive-only). A
// profile of satellite firmware remembers how its last attach ended (fact
// registration/cereg-satellite).
func (m *Modem) camp() {
	r := &m.reg
	r.found = true
	m.notifyEvent("SEARCH STATUS 2", 1)
	switch s := m.profiles.suspended[m.profile()]; {
	case s != nil:
		r.activeTime, r.periodicTAU = s.reg.activeTime, s.reg.periodicTAU
		m.setRegistration(s.reg.stat, "camped on a cell, to receive only; the profile keeps its registration")
	case m.profiles.denied[m.profile()]:
		m.setRegistration(statDenied, "camped on a cell, to receive only; the network has denied the profile's registration")
	default:
		m.setRegistration(statNotRegistered, "camped on a cell, to receive only")
	}
}

// attachIfReady registers once the search is over and the SIM is ready. The order of
// what is told is that of recorded sessions, for LTE-M and NB-IoT the same: the
// context first, the registration last (facts registration/attach-lte-m and
// registration/attach-2, and registration/attach-unseen-lines for what one of them lacks).
func (m *Modem) attachIfReady() {
	r := &m.reg
	if !r.waiting || !m.radio.lte || m.cardDead() || m.settings.systemMode.ntn && !m.location.valid() {
		return
	}
	if r.operator == nil {
		m.searchFailed()
		return
	}
	if m.radio.receive {
		r.waiting = false // it never sends, so it never registers
		return
	}
	if !m.sim.ready {
		return
	}
	r.waiting = false
	m.signal.measure(m.coverage.signal)
	m.notifySignal()
	m.connect()
	if cause := m.rejection(); cause != 0 {
		m.reject(cause)
		return
	}
	r.found, r.cause, r.own, r.retry = true, m.cfg.Network.AttachCause, false, retry{}
	if !m.ownCause() && partialRefusal(m.cfg.Network.RejectCause) {
		r.cause = m.cfg.Network.RejectCause
	}
	m.profiles.denied[m.profile()] = false
	m.grantPowerSaving()
	m.activateInitial()
	m.notifyEvent("SEARCH STATUS 2", 1)
	if m.roams() {
		m.setRegistration(statRoaming, "registered, roaming")
	} else {
		m.setRegistration(statHome, "registered, home network")
	}
	m.notifyEDRX()
	m.notifyIndicator("service", 1)
	if m.roams() {
		m.notifyIndicator("roam", 1)
	}
	m.networkTime()
	m.tellOperatorName()
	m.notifyReleaseAssistance()
	m.networkChanged()
	m.deliverMessages()
	m.extendResetTimer()
}

// searchFailed tells that nothing was found: first after the bands of old, then
// after all of them (fact events/search-status; the times are free). The status is then
// unknown (fact registration/cereg-4); satellite firmware has one of its own for that (fact
// registration/cereg-satellite).
func (m *Modem) searchFailed() {
	m.reg.waiting = false
	m.notifyEvent("SEARCH STATUS 1", 1)
	m.reg.cancel = append(m.reg.cancel, m.after(m.cfg.Network.AttachDelay, func() {
		m.notifyEvent("SEARCH STATUS 2", 1)
		stat := uint8(statUnknown)
		if m.cfg.Profile.ReceivingStatus && !m.radio.receive {
			stat = statNoSuitableCell
		}
		m.setRegistration(stat, "no network is in reach")
	}))
}

// EMM causes of 3GPP TS 24.301.
const (
	causeUnknownIMSI      = 2
	causeIllegalUE        = 3
	causeIMEINotAccepted  = 5
	causeIllegalME        = 6
	causeNoEPS            = 7
	causeNoServices       = 8
	causePLMNNotAllowed   = 11
	causeNoCircuitService = 18
)

// rejection returns the EMM cause for which the network refuses the modem, 0 if
// it does not.
func (m *Modem) rejection() uint8 {
	n := m.cfg.Network
	switch {
	case m.reg.operator.Forbidden:
		return causePLMNNotAllowed
	case m.reg.operator == &n.Operator && (m.ownCause() || !partialRefusal(n.RejectCause)):
		return n.RejectCause
	}
	return 0
}

// ownCause reports whether the cause of a refusal is of the manufacturer's own and no EMM
// cause: its number means nothing then.
func (m *Modem) ownCause() bool {
	return m.cfg.Network.RejectType == 1 && !m.reg.operator.Forbidden
}

// partialRefusal reports whether a cause refuses only the half of a combined attach
// that is about short messages: the modem is registered all the same (fact
// registration/reject-partial).
func partialRefusal(cause uint8) bool {
	return cause == causeUnknownIMSI || cause == causeNoCircuitService
}

// rejectedStatus returns the status that a refusal ends in (fact
// registration/reject-status).
func (m *Modem) rejectedStatus(cause uint8) uint8 {
	if m.cfg.Network.Denied {
		return statDenied
	}
	switch cause {
	case causeIllegalUE, causeIMEINotAccepted, causeIllegalME, causeNoEPS, causeNoServices:
		return statNotRegistered
	}
	return statSearching
}

// reject ends an attach that the network refused (fact registration/denied), in the
// order of the recorded session (fact registration/reject-order). With the end of the connection a modem
// that goes on searching forgets the cell.
func (m *Modem) reject(cause uint8) {
	r := &m.reg
	r.found, r.cause, r.own = true, cause, m.ownCause()
	kind := "EMM cause"
	if r.own { // fact registration/reject-type
		kind = "cause of the manufacturer's own"
		m.lastCause = lastCause{"OTHER", cause}
		cause = 0
	} else {
		m.lastCause = lastCause{"EMM", cause}
		m.notifyCause("EMM", int(cause), -1)
	}
	stat := m.rejectedStatus(cause)
	m.profiles.denied[m.profile()] = stat == statDenied
	m.setRegistration(stat, fmt.Sprintf("the network refused the modem with %s %d", kind, r.cause))
	m.notifyEvent("SEARCH STATUS 2", 1)
	m.disconnect()
	if stat == statSearching {
		refused := r.operator
		r.found, r.foundTold, r.cause, r.own, r.operator = false, false, 0, false, nil
		m.retryAttach(cause, refused)
	}
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
		foundTold: m.reg.foundTold, cancel: m.reg.cancel[:0],
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
	stat = m.tells(stat)
	if r.started && r.stat == stat && r.found == r.foundTold {
		return
	}
	r.stat, r.started, r.foundTold = stat, true, r.found
	m.cfg.Log.Add(event.Event{Registration: &event.Registration{Status: int(stat), Reason: why}})
	if m.reg.level > 0 {
		m.notify(m.appendStatus([]byte("+CEREG: ")))
	}
}

// What older firmware writes where a cell or its timers are not known.
const (
	unknownTAC   = 0xFFFE
	unknownCell  = 0xFFFFFFFF
	unknownTimer = "00000000"
)

// appendStatus appends <stat> and what it has at the level that was subscribed to: the
// fields belong to the status (fact registration/cereg-tails).
func (m *Modem) appendStatus(b []byte) []byte {
	r, n := &m.reg, m.cfg.Network
	stat := m.status()
	b = strconv.AppendInt(b, int64(stat), 10)
	if stat >= statReceiving && stat <= statReceiving+statRoaming {
		stat -= statReceiving
	}
	old := m.cfg.Profile.UnknownCell
	filled := old && (stat == statSearching || stat == statUnknown)
	var cell bool
	switch stat {
	case statNotRegistered, statHome, statSearching, statRoaming:
		cell = r.found
	case statDenied:
		cell = r.found && old // fact registration/cereg-denied
	}
	if r.level < 2 || !cell && !filled {
		return b
	}
	tac, ci := uint64(n.TrackingArea), uint64(n.Cell)
	active, tau := r.activeTime, r.periodicTAU
	switch {
	case !cell:
		tac, ci, active, tau = unknownTAC, unknownCell, unknownTimer, unknownTimer
	case filled:
		active, tau = timerDeactivated, timerDeactivated
	}
	b = fmt.Appendf(b, `,"%04X","%08X",%d`, tac, ci, m.accessTechnology())
	cause := (r.level == 3 || r.level == 5) && (r.cause != 0 || filled)
	timers := r.level >= 4 && (isRegistered(stat) || filled)
	switch {
	case cause:
		b = fmt.Appendf(b, ",%d,%d", btoi(r.own), r.cause) // <cause_type> 0: an EMM cause
	case timers:
		b = append(b, ",,"...)
	}
	switch {
	case timers:
		b = fmt.Appendf(b, `,"%s","%s"`, active, tau)
	case stat == statDenied && r.level == 5:
		b = append(b, ",,"...)
	}
	return b
}

// accessTechnology returns the <AcT>: 7 for LTE-M, 9 for NB-IoT, 14 for NB-IoT by
// satellite.
func (m *Modem) accessTechnology() int {
	s := &m.settings.systemMode
	if s.ntn {
		return 14
	}
	if s.lteM && !(s.nbIoT && (s.preference == 2 || s.preference == 4)) {
		return 7
	}
	return 9
}
