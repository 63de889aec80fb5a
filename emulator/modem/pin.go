package modem

import (
	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/card"
	"nrf91emu/emulator/network"
)

// pinCommands are the card's PIN and what depends on it (fact sim/cpin).
var pinCommands = map[string]*forms{
	"+CPIN": {
		// A bare AT+CPIN was answered like the read form in a recorded session
		// (fact sim/cpin-bare).
		Bare: (*Modem).readPIN,
		Read: (*Modem).readPIN,
		Set:  (*Modem).enterPIN,
	},
	"+CPINR": {Set: (*Modem).readTries},
	"+CLCK": {Set: (*Modem).lockFacility, Test: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		if m.cfg.Profile.Personalisation {
			w.Line(`+CLCK: ("SC","PS","PN","PU","PP","PC")`)
		} else {
			w.Line(`+CLCK: ("SC")`)
		}
		return nil
	}},
	"+CPWD": {Set: (*Modem).changePIN, Test: atcmd.Text[*Modem](`+CPWD: ("SC",8),("P2",8)`)},
}

// readPIN is AT+CPIN?: READY without quotes, the others in quotes (fact
// sim/cpin).
func (m *Modem) readPIN(w *atcmd.Response, _ *atcmd.Command) error {
	if m.sim.started {
		switch m.sim.cause {
		case simPINRequired:
			w.Line(`+CPIN: "SIM PIN"`)
			return nil
		case simPUKRequired:
			w.Line(`+CPIN: "SIM PUK"`)
			return nil
		}
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	w.Line("+CPIN: READY")
	return nil
}

// enterPIN is AT+CPIN="<pin>"[,"<newpin>"]: the PIN, or the PUK and a new PIN. The
// code for a wrong one: fact sim/wrong-pin.
func (m *Modem) enterPIN(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	code := args.Text(0, "the PIN, or the PUK")
	next := args.TextOr(nil, 0, "a new PIN")
	if err := args.End(); err != nil {
		return err
	}
	c := &m.cfg.Retained.card
	var outcome card.Outcome
	switch {
	case m.sim.ready:
		return atcmd.Errorf("no PIN is required")
	case m.sim.started && m.sim.cause == simPINRequired:
		outcome = c.Check(string(code))
	case m.sim.started && m.sim.cause == simPUKRequired:
		if !network.IsPIN(string(next)) {
			return atcmd.CME(event.CMESIMPUKRequired, "the PIN is blocked: the PUK and a new PIN of four to eight digits are needed")
		}
		outcome = c.Unblock(string(code), m.cfg.Network.PUK, string(next))
	default:
		return m.simNotReady()
	}
	if outcome == card.Right {
		m.soon = append(m.soon, m.unlock)
		return nil
	}
	return m.refusePIN(outcome)
}

// refusePIN is the answer to a wrong PIN or PUK. When there is no attempt left,
// what the card asks for changes.
func (m *Modem) refusePIN(outcome card.Outcome) error {
	if outcome == card.Blocked {
		m.sim.ready = false
		m.soon = append(m.soon, m.checkCard)
	}
	return atcmd.CME(event.CMEIncorrectPassword, "the PIN or PUK is wrong; %d and %d attempts are left",
		m.cfg.Retained.card.PINTries, m.cfg.Retained.card.PUKTries)
}

// readTries is AT+CPINR="<selector>".
func (m *Modem) readTries(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	name := args.Text(0, "a selector such as SIM PIN")
	if err := args.End(); err != nil {
		return err
	}
	if !m.sim.started || m.cardState() != network.SIMPresent {
		return m.simNotReady()
	}
	c := &m.cfg.Retained.card
	var tries uint8
	switch string(name) {
	case "SIM PIN":
		tries = c.PINTries
	case "SIM PUK":
		tries = c.PUKTries
	case "SIM PIN2":
		tries = card.MaxPINTries
	case "SIM PUK2":
		tries = card.MaxPUKTries
	default:
		return atcmd.Errorf("%q is not a selector of +CPINR", name)
	}
	w.Printf("+CPINR: %q,%d", name, tries)
	return nil
}

// The modes of AT+CLCK.
const (
	clckUnlock = 0
	clckLock   = 1
	clckQuery  = 2
)

// lockFacility is AT+CLCK="<facility>",<mode>[,"<password>"] (fact sim/clck): SC switches
// the PIN on and off and cannot be asked, the personalisation locks can be asked and are open.
func (m *Modem) lockFacility(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	facility := string(args.Text(0, "a facility such as SC"))
	mode := args.Int(clckUnlock, clckQuery, "0 to unlock, 1 to lock, 2 to ask")
	given := args.Has()
	pin := args.TextOr(nil, 0, "the PIN")
	allowed := clckLock
	switch facility {
	case "SC":
	case "PN", "PU", "PP", "PC", "PS":
		if allowed = clckQuery; !m.cfg.Profile.Personalisation {
			args.Fail("this firmware has no facility of +CLCK but SC")
		}
	default:
		args.Fail("%q is not a facility of +CLCK", facility)
	}
	if mode != clckUnlock && mode != allowed {
		args.Fail("%q takes the modes 0 and %d of +CLCK", facility, allowed)
	}
	if err := args.End(); err != nil {
		return err
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	if mode == clckQuery {
		w.Line("+CLCK: 0") // it is open
		return nil
	}
	if m.supply.warned && m.cfg.Profile.PowerWarning {
		return atcmd.CME(event.CMEPowerWarning, "the power-off warning is active (%d mV)", m.supply.millivolts)
	}
	if facility != "SC" {
		return nil // it is open
	}
	if !given {
		return atcmd.Errorf("+CLCK needs the PIN to switch it on or off")
	}
	c := &m.cfg.Retained.card
	if outcome := c.Check(string(pin)); outcome != card.Right {
		return m.refusePIN(outcome)
	}
	c.Asks = mode == clckLock
	return nil
}

// changePIN is AT+CPWD="<facility>","<old>","<new>".
func (m *Modem) changePIN(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	facility := string(args.Text(0, "a facility, SC,"))
	before := args.Text(0, "the PIN")
	next := args.Text(0, "a new PIN")
	switch facility {
	case "SC":
	case "P2": // fact sim/cpwd-p2
		args.Fail("the modem cannot change PIN2, though its test form lists it")
	default:
		args.Fail("%q is not a facility of +CPWD", facility)
	}
	if !network.IsPIN(string(next)) {
		args.Fail("a new PIN has four to eight digits")
	}
	if err := args.End(); err != nil {
		return err
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	c := &m.cfg.Retained.card
	if !c.Asks {
		return atcmd.Errorf(`the PIN is not in use: AT+CLCK="SC",1 switches it on`)
	}
	if outcome := c.Check(string(before)); outcome != card.Right {
		return m.refusePIN(outcome)
	}
	c.PIN = string(next)
	return nil
}
