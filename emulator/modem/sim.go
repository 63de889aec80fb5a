package modem

import (
	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/card"
	"nrf91emu/emulator/network"
)

// The <cause> of %XSIM (fact sim/xsim-cause).
const (
	simPINRequired = 1
	simPUKRequired = 3
	simPUKBlocked  = 5
	simUSIMFailure = 9
)

// sim is the modem's side of the card.
type sim struct {
	powered    bool
	started    bool // the card has answered, or it is known that there is none
	ready      bool
	cause      uint8 // of %XSIM while not ready, 0 for none
	subscribed bool
	cancel     func()
	channels   card.Channels
}

var simCommands = map[string]*forms{
	"%XSIM": {
		Set: takes(0, 1, "off or on", func(m *Modem, n int) { m.sim.subscribed = n == 1 }),
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Append(m.appendXSIM)
			return nil
		},
	},
	"+CIMI": {
		Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			if err := m.simNotReady(); err != nil {
				return err
			}
			w.Line(m.cfg.Identity.IMSI)
			return nil
		},
	},
	"%XICCID": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		if err := m.simNotReady(); err != nil {
			return err
		}
		w.Line("%XICCID: " + m.cfg.Identity.ICCID)
		return nil
	}},
}

// simNotReady returns what a SIM command answers while it cannot be done: ERROR
// until the UICC is initialised (fact cfun/uicc-start), 13 without a card, 11 and 12
// while a PIN or PUK is asked for (facts sim/absent and sim/locked-codes).
func (m *Modem) simNotReady() error {
	switch {
	case m.sim.ready:
		return nil
	case m.sim.powered && m.cardState() == network.SIMAbsent:
		return atcmd.CME(event.CMESIMFailure, "there is no SIM")
	case m.sim.started && m.sim.cause == simPINRequired:
		return atcmd.CME(event.CMESIMPINRequired, "the card asks for its PIN: send AT+CPIN")
	case m.sim.started && m.sim.cause == simPUKRequired:
		return atcmd.CME(event.CMESIMPUKRequired, "the PIN is blocked: send AT+CPIN with the PUK and a new PIN")
	case m.sim.started:
		return atcmd.CME(event.CMESIMFailure, "the PUK is blocked: the card cannot be used any more")
	case m.sim.powered:
		return atcmd.Errorf("the UICC is still being initialised: wait for %%XSIM: 1")
	default:
		return atcmd.Errorf("the UICC is off: AT+CFUN=1, 21 or 41 starts it")
	}
}

// cardDead reports whether there is no card or one of no use.
func (m *Modem) cardDead() bool {
	return m.cardState() != network.SIMPresent || m.cfg.Retained.card.Blocked()
}

// startSIM gives the card power; it is ready some time after.
func (m *Modem) startSIM() {
	if m.sim.powered {
		return
	}
	m.sim.powered = true
	delay := m.cfg.Network.SIMDelay()
	if m.cfg.Profile.EarlyCard || m.cardState() != network.SIMPresent {
		delay = 0
	}
	m.sim.cancel = m.after(delay, func() {
		m.sim.started = true
		if m.cardState() != network.SIMPresent {
			m.sim.cause = simUSIMFailure
			m.cardFailed("there is no SIM")
			return
		}
		m.cfg.Retained.card.Insert(m.cfg.Network.PIN)
		m.checkCard()
	})
}

// checkCard finds out whether the card can be used, and goes on if it can.
func (m *Modem) checkCard() {
	s, c := &m.sim, &m.cfg.Retained.card
	s.cause = 0
	switch {
	case c.PUKTries == 0:
		s.cause = simPUKBlocked
		m.cardFailed("the PUK is blocked")
		return
	case c.PINTries == 0:
		s.cause = simPUKRequired
	case c.Asks:
		s.cause = simPINRequired
	default:
		m.unlock()
		return
	}
	m.notifySIM()
}

// cardFailed tells that the card is of no use (fact registration/cereg-no-card).
func (m *Modem) cardFailed(why string) {
	if m.radio.lte {
		m.reg.found = false
		m.setRegistration(statUICCFailure, why)
	}
	m.notifySIM()
}

// unlock makes the card ready for use.
func (m *Modem) unlock() {
	m.sim.ready, m.sim.cause = true, 0
	m.notifySIM()
	m.attachIfReady()
}

func (m *Modem) stopSIM() {
	if m.sim.cancel != nil {
		m.sim.cancel()
	}
	was := m.sim.powered
	m.sim = sim{subscribed: m.sim.subscribed}
	if was {
		m.notifySIM()
	}
}

func (m *Modem) notifySIM() {
	if m.sim.subscribed {
		m.notify(m.appendXSIM(nil))
	}
}

func (m *Modem) appendXSIM(b []byte) []byte {
	b = append(b, "%XSIM: "...)
	b = append(b, '0'+byte(btoi(m.sim.ready)))
	if !m.sim.ready && m.sim.cause != 0 && m.cfg.Profile.SIMCause {
		b = append(b, ',', '0'+m.sim.cause)
	}
	return b
}
