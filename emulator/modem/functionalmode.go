package modem

import (
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
)

// FunctionalMode is the <fun> of +CFUN.
type FunctionalMode int

// The functional modes (fact cfun/modes).
const (
	ModePowerOff        FunctionalMode = 0  // minimum functionality; settings are stored
	ModeNormal          FunctionalMode = 1  // what %XSYSTEMMODE enables
	ModeReceiveOnly     FunctionalMode = 2  // LTE receives, never sends
	ModeOffline         FunctionalMode = 4  // flight mode
	ModeDeactivateLTE   FunctionalMode = 20 // GNSS untouched
	ModeActivateLTE     FunctionalMode = 21 // GNSS untouched
	ModeDeactivateGNSS  FunctionalMode = 30 // LTE untouched
	ModeActivateGNSS    FunctionalMode = 31 // LTE untouched
	ModeDeactivateUICC  FunctionalMode = 40
	ModeActivateUICC    FunctionalMode = 41
	ModeOfflineUICCOn   FunctionalMode = 44 // flight mode, the UICC keeps its power
	ModeOfflineKeep     FunctionalMode = 45 // flight mode, registration context kept
	ModeOfflineKeepUICC FunctionalMode = 46 // as 45, the UICC keeps its power
)

// A change is what a functional mode does to one part of the modem.
type change uint8

const (
	keep change = iota
	turnOff
	turnOn
)

// modeEffect is what a functional mode does.
type modeEffect struct{ lte, gnss, uicc change }

// modeEffects is the table of fact cfun/modes. Whether "on" takes effect depends on
// %XSYSTEMMODE.
var modeEffects = map[FunctionalMode]modeEffect{
	ModePowerOff:        {turnOff, turnOff, turnOff},
	ModeNormal:          {turnOn, turnOn, turnOn},
	ModeReceiveOnly:     {turnOn, keep, turnOn},
	ModeOffline:         {turnOff, turnOff, turnOff},
	ModeDeactivateLTE:   {turnOff, keep, keep},
	ModeActivateLTE:     {turnOn, keep, turnOn},
	ModeDeactivateGNSS:  {keep, turnOff, keep},
	ModeActivateGNSS:    {keep, turnOn, keep},
	ModeDeactivateUICC:  {keep, keep, turnOff},
	ModeActivateUICC:    {keep, keep, turnOn},
	ModeOfflineUICCOn:   {turnOff, turnOff, turnOn},
	ModeOfflineKeep:     {turnOff, turnOff, turnOff},
	ModeOfflineKeepUICC: {turnOff, turnOff, turnOn},
}

// radio is what +CFUN switches. Its zero value is the state after boot.
type radio struct {
	// offline is what AT+CFUN? reads while neither LTE nor GNSS is on.
	offline FunctionalMode
	lte     bool
	gnss    bool
	receive bool // receive-only
	// active is set by modes 1, 2 and 21 and refuses credential writes with 518
	// until LTE is switched off: the state counts, not the last number typed
	// (fact cmng/active-is-state).
	active bool
	// typed is the last number of AT+CFUN, 0 for none.
	typed FunctionalMode
}

// mode returns what AT+CFUN? reads. The guides know 0, 1 and 4 only; what the
// modem reads after 20 to 41 is derived from its state (fact cfun/read-derived).
func (r *radio) mode() FunctionalMode {
	switch {
	case r.receive:
		return ModeReceiveOnly
	case r.active || r.lte || r.gnss:
		return ModeNormal
	default:
		return r.offline
	}
}

var modeCommands = map[string]*forms{
	"+CFUN": {
		Set: (*Modem).setMode,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			if m.cfg.Profile.ReadsNumber && m.radio.typed > 0 {
				w.Printf("+CFUN: %d", m.radio.typed)
				return nil
			}
			w.Printf("+CFUN: %d", m.radio.mode())
			return nil
		},
		Test: (*Modem).testMode,
	},
	"%XSYSTEMMODE": {Set: (*Modem).setSystemMode, Read: (*Modem).readSystemMode},
}

// listedModes are those that AT+CFUN=? lists (fact cfun/test).
var listedModes = []FunctionalMode{0, 1, 2, 4, 20, 21, 30, 31, 40, 41, 44}

func (m *Modem) hasMode(fun FunctionalMode) bool {
	switch fun {
	case ModeReceiveOnly:
		return m.cfg.Profile.ReceiveOnly
	case ModeOfflineKeep, ModeOfflineKeepUICC:
		return m.cfg.Profile.ContextSuspend && m.profiles.both() // fact cfun/modes-45-46
	}
	_, ok := modeEffects[fun]
	return ok
}

func (m *Modem) testMode(w *atcmd.Response, _ *atcmd.Command) error {
	w.Append(func(b []byte) []byte {
		b = append(b, "+CFUN: ("...)
		for _, fun := range listedModes {
			if m.hasMode(fun) {
				b = append(strconv.AppendInt(b, int64(fun), 10), ',')
			}
		}
		b[len(b)-1] = ')'
		return b
	})
	return nil
}

// setMode is AT+CFUN=<fun>. Its page lists no codes: a refusal is a plain ERROR
// whatever +CMEE says (fact errors/uncoded).
func (m *Modem) setMode(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	fun := FunctionalMode(args.Int(0, 99, "the functional mode"))
	if err := args.End(); err != nil {
		return err // a second parameter, <rst>, there is not
	}
	if !m.hasMode(fun) {
		return atcmd.Errorf("this modem has no functional mode %d", fun)
	}
	effect := modeEffects[fun]
	modes := m.settings.systemMode
	if (fun == ModeActivateLTE || fun == ModeActivateUICC || fun == ModeReceiveOnly) && !modes.lte() {
		return atcmd.Errorf("%%XSYSTEMMODE enables neither LTE-M nor NB-IoT, so mode %d has nothing to start", fun)
	}
	if effect.uicc == turnOn && m.cardState() == network.SIMFailed {
		return atcmd.Errorf("the SIM has failed")
	}
	if effect.uicc == turnOn && m.cfg.Profile.NeedsSIM && m.cfg.Network.SIM == network.SIMAbsent {
		return atcmd.Errorf("there is no SIM") // fact cfun/starts-without-sim
	}

	if fun == ModeReceiveOnly && m.radio.lte && !m.radio.receive {
		return atcmd.Errorf("mode 2 cannot follow while LTE is on: send AT+CFUN=4 first") // fact cfun/mode-2-from-active
	}

	before := m.radio
	r := &m.radio
	switch effect.lte {
	case turnOn:
		r.lte, r.active = modes.lte(), true
		r.receive = fun == ModeReceiveOnly
	case turnOff:
		r.lte, r.active, r.receive = false, false, false
	}
	switch effect.gnss {
	case turnOn:
		r.gnss = modes.gnss || fun == ModeActivateGNSS
	case turnOff:
		r.gnss = false
	}
	switch fun {
	case ModePowerOff, ModeOffline, ModeOfflineUICCOn, ModeOfflineKeep, ModeOfflineKeepUICC:
		r.offline = fun
	default:
		r.offline = ModeOffline
	}
	r.typed = fun
	if m.cfg.Profile.ActiveByNumber {
		r.active = fun == ModeNormal || fun == ModeReceiveOnly || fun == ModeActivateLTE
	}
	m.cfg.Log.Add(event.Event{Mode: &event.Mode{
		Requested: int(fun), State: int(r.mode()), LTE: r.lte, GNSS: r.gnss, Active: r.active,
	}})
	if fun == ModeNormal || fun == ModeActivateLTE || fun == ModeReceiveOnly {
		m.supplyRecovered()
	}
	if fun != ModePowerOff {
		m.startResetTimer()
	}
	m.follow(before, effect.uicc, fun == ModeOfflineKeep || fun == ModeOfflineKeepUICC)
	if fun == ModePowerOff {
		m.keepRestriction()
		m.clearResets()
		m.soon = append(m.soon, m.unsubscribe)
		return m.saveSettings(event.NVMModeOff)
	}
	return nil
}

// follow starts and stops what depends on the radio and the UICC; with keepRegistration
// the registration is not ended but kept. Starting and
// stopping is told after OK, in the order of the recorded sequences
// (facts registration/attach-nb-iot and registration/detach).
func (m *Modem) follow(before radio, uicc change, keepRegistration bool) {
	if m.radio.lte || m.radio.gnss {
		m.startAwake()
	}
	switch {
	case m.radio.lte && (!before.lte || before.receive && !m.radio.receive):
		if m.profiles.subscribed {
			m.after(0, m.tellProfile)
		}
		if m.cfg.Profile.AttachEvents && !m.radio.receive && m.profiles.suspended[m.profile()] == nil {
			m.after(0, func() { m.notifyPacketEvent("EXCE STATUS 0") })
		}
		m.startSearch()
	case m.radio.lte && m.radio.receive && !before.receive:
		m.soon = append(m.soon, func() {
			m.detach("the modem only receives from now on")
			m.startSearch()
		})
	case !m.radio.lte:
		m.reg.switchedOff = true
		if before.lte {
			m.interruptSearch()
			m.soon = append(m.soon, m.interruptMeasurements)
			m.pauseRestriction()
			if keepRegistration {
				m.soon = append(m.soon, m.suspend)
			} else {
				m.soon = append(m.soon, func() { m.detach("LTE was switched off") })
			}
		}
		if !keepRegistration {
			m.profiles.forget()
		}
	}
	switch uicc {
	case turnOn:
		m.startSIM()
	case turnOff:
		m.soon = append(m.soon, m.stopSIM)
	}
	m.soon = append(m.soon, func() {
		if !m.radio.lte && !m.radio.gnss {
			m.fallAsleep()
		}
		m.networkChanged()
	})
}

// unsubscribe ends all subscriptions, as +CFUN=0 does (fact cfun/subscriptions-lost).
func (m *Modem) unsubscribe() {
	m.reg.level, m.conn.level = 0, 0
	m.sim.subscribed, m.signal.subscribed, m.clock.tell = false, false, false
	m.signal.quality = qualityOff
	m.events = events{}
	m.saving.sleep, m.saving.update = warning{}, warning{}
	m.environment.battery.tell, m.environment.heat.tell = false, false
	m.location.subscribed = false
	m.cells.tellCoverage, m.profiles.subscribed = false, false
	m.extras.odis, m.extras.operatorName, m.extras.usat = false, false, false
	m.endClient()
}

// offlineNow puts the modem into flight mode on its own account.
func (m *Modem) offlineNow() {
	before := m.radio
	m.radio = radio{offline: ModeOffline}
	m.cfg.Log.Add(event.Event{Mode: &event.Mode{Requested: -1, State: int(ModeOffline)}})
	m.follow(before, turnOff, false)
}

// GNSS reports whether the receiver has power: %XSYSTEMMODE and the functional mode
// leave it on.
func (m *Modem) GNSS() bool { return m.Alive() && m.radio.gnss }
