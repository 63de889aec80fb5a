package modem

import (
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// systemMode is %XSYSTEMMODE (facts sysmode/fields and sysmode/ntn-field).
type systemMode struct {
	lteM, nbIoT, gnss bool
	preference        int
	ntn               bool // NTN NB-IoT, fifth field of the satellite firmware
}

// factorySystemMode is what a factory-new modem has: LTE-M alone (fact
// sysmode/factory).
var factorySystemMode = systemMode{lteM: true}

var systemModeSettings = map[string]string{"%XSYSTEMMODE": factorySystemMode.String()}

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
	args := atcmd.ReadArgs(cmd)
	s := systemMode{
		lteM: args.Bool("LTE-M, off or on"), nbIoT: args.Bool("NB-IoT, off or on"), gnss: args.Bool("GNSS, off or on"),
		preference: args.Int(0, 4, "the preference"), // one that the firmware does not have is refused below
	}
	if facts.SystemModes > 4 {
		s.ntn = args.IntOr(0, 0, 1, "NTN NB-IoT, off or on") == 1
	}
	if err := args.End(); err != nil {
		return err
	}
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
