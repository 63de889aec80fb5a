package modem

import (
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// systemMode is %XSYSTEMMODE (fact sysmode/fields).
type systemMode struct {
	lteM, nbIoT, gnss bool
	preference        int
	ntn               bool // NTN NB-IoT, fifth field of the satellite firmware
}

// factorySystemMode is what a factory-new modem has: LTE-M alone (fact
// sysmode/factory).
var factorySystemMode = systemMode{lteM: true}

func (s systemMode) lte() bool { return s.lteM || s.nbIoT || s.ntn }

// String returns the mode as %XSYSTEMMODE writes it, with five fields.
func (s systemMode) String() string {
	return fmt.Sprintf("%d,%d,%d,%d,%d", btoi(s.lteM), btoi(s.nbIoT), btoi(s.gnss), s.preference, btoi(s.ntn))
}

func (m *Modem) readSystemMode(w *atcmd.Response, _ *atcmd.Command) error {
	text := m.settings.systemMode.String()
	w.Line("%XSYSTEMMODE: " + text[:2*m.cfg.Profile.SystemModes-1])
	return nil
}

// setSystemMode is AT%XSYSTEMMODE=<LTE-M>,<NB-IoT>,<GNSS>,<preference>. It is
// stored at +CFUN=0 only.
func (m *Modem) setSystemMode(_ *atcmd.Response, cmd *atcmd.Command) error {
	facts := &m.cfg.Profile.Facts
	if len(cmd.Args) < 4 || len(cmd.Args) > facts.SystemModes {
		return atcmd.Errorf("%%XSYSTEMMODE takes %d numbers", facts.SystemModes)
	}
	var v [5]int64
	for i := range cmd.Args {
		hi := int64(1)
		if i == 3 {
			hi = 4 // a preference that the firmware does not have is refused below
		}
		var ok bool
		if v[i], ok = cmd.Int(i, 0, hi); !ok {
			return atcmd.Errorf("parameter %d of %%XSYSTEMMODE is a number from 0 to %d", i+1, hi)
		}
	}
	s := systemMode{lteM: v[0] == 1, nbIoT: v[1] == 1, gnss: v[2] == 1, preference: int(v[3]), ntn: v[4] == 1}
	switch {
	case m.radio.active || m.radio.gnss:
		return atcmd.CME(event.CMEActiveState, "the system mode can be changed only with the modem offline: send AT+CFUN=4 first")
	case s.preference > facts.Preference:
		return atcmd.Errorf("this firmware has no LTE preference %d", s.preference)
	case s.lteM && s.nbIoT && facts.LTEModesAtOnce < 2:
		return atcmd.Errorf("this firmware runs LTE-M or NB-IoT, not both")
	case s.ntn && (s.lteM || s.nbIoT || s.gnss || s.preference != 0):
		return atcmd.Errorf("with NTN NB-IoT all other fields must be 0")
	}
	m.settings.systemMode = s
	m.set("%XSYSTEMMODE", s.String())
	return nil
}

// parseSystemMode is the reverse of String.
func parseSystemMode(text string) (s systemMode, ok bool) {
	var lteM, nbIoT, gnss, preference, ntn int
	if _, err := fmt.Sscanf(text, "%d,%d,%d,%d,%d", &lteM, &nbIoT, &gnss, &preference, &ntn); err != nil {
		return s, false
	}
	return systemMode{lteM: lteM == 1, nbIoT: nbIoT == 1, gnss: gnss == 1, preference: preference, ntn: ntn == 1}, true
}
