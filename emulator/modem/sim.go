package modem

import (
	"nrf91emu/atcmd"
)

// SIM is the state of the card in the emulated device.
type SIM uint8

// The cards.
const (
	SIMPresent SIM = iota // a card without a PIN
	SIMAbsent             // no card: AT+CPIN? answers 13, as on real devices (section 4.4, seen)
	SIMFailed             // +CFUN=1 answers ERROR (section 3.3, documented)
)

// simUSIMFailure is the <cause> of %XSIM for a card that does not answer
// (section 3.5).
const simUSIMFailure = 9

// sim is the modem's side of the card.
type sim struct {
	powered    bool
	ready      bool
	cause      int // of %XSIM while not ready, 0 for none
	subscribed bool
	cancel     func()
}

var simCommands = map[string]*forms{
	"%XSIM": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			v, ok := cmd.Int(0, 0, 1)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("%%XSIM takes 0 or 1")
			}
			m.sim.subscribed = v == 1
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Append(m.appendXSIM)
			return nil
		},
	},
	"+CPIN": {
		// A bare AT+CPIN was answered like the read form in a recorded session
		// (section 6.1, seen).
		Bare: (*Modem).readPIN,
		Read: (*Modem).readPIN,
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			if err := m.simNotReady(); err != nil {
				return err
			}
			return atcmd.Errorf("no PIN is required")
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
}

func (m *Modem) readPIN(w *atcmd.Response, _ *atcmd.Command) error {
	if err := m.simNotReady(); err != nil {
		return err
	}
	w.Line("+CPIN: READY")
	return nil
}

// simNotReady returns what a SIM command answers while it cannot be done: ERROR
// until the UICC is initialised (section 3.3, seen), 13 without a card.
func (m *Modem) simNotReady() error {
	switch {
	case m.sim.ready:
		return nil
	case m.sim.powered && m.cfg.Network.SIM == SIMAbsent:
		return atcmd.CME(cmeSIMFailure, "there is no SIM")
	case m.sim.powered:
		return atcmd.Errorf("the UICC is still being initialised: wait for %%XSIM: 1")
	default:
		return atcmd.Errorf("the UICC is off: AT+CFUN=1, 21 or 41 starts it")
	}
}

// startSIM gives the card power; it is ready some time after.
func (m *Modem) startSIM() {
	if m.sim.powered {
		return
	}
	m.sim.powered = true
	m.sim.cancel = m.after(m.cfg.Network.simDelay(), func() {
		if m.cfg.Network.SIM == SIMAbsent {
			m.sim.cause = simUSIMFailure
			m.setRegistration(statUICCFailure, "there is no SIM")
		} else {
			m.sim.ready = true
		}
		m.notifySIM()
		m.attachIfReady()
	})
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
		b = append(b, ',', '0'+byte(m.sim.cause))
	}
	return b
}
