package modem

import (
	"strings"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/network"
)

// powerSavingCommands ask for PSM and eDRX (facts saving/cpsms and saving/edrx).
var powerSavingCommands = map[string]*forms{
	"+CPSMS": {
		Set: (*Modem).setPowerSaving, Bare: (*Modem).setPowerSaving,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Line("+CPSMS: " + m.setting("+CPSMS"))
			return nil
		},
	},
	"+CEDRXS": {
		Set: (*Modem).setEDRX, Bare: (*Modem).setEDRX,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			for i, r := range m.edrx.requested {
				if r != "" {
					w.Printf("+CEDRXS: %d,%q", 4+i, r)
				}
			}
			return nil
		},
		Test: atcmd.Text[*Modem](`+CEDRXS: (0-3),(4-5),("0000"-"1111")`),
	},
	"+CEDRXRDP": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		if text := m.edrxText(); text != "" {
			w.Line("+CEDRXRDP: " + text)
		} else {
			w.Line("+CEDRXRDP: 0") // the cell does not use eDRX
		}
		return nil
	}},
	"%XPTW": {
		Set: (*Modem).setPagingWindow,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			for i := range m.edrx.window {
				w.Printf("%%XPTW: %d,%q", 4+i, m.edrx.pagingWindow(i))
			}
			return nil
		},
	},
}

// setPowerSaving is AT+CPSMS=[<mode>[,,,"<TAU>"[,"<active>"]]]; without a mode it
// resets to the factory's values and disables. What stands at the second and third
// place is for other technologies and is passed over (fact saving/cpsms-ignored).
func (m *Modem) setPowerSaving(_ *atcmd.Response, cmd *atcmd.Command) error {
	if !cmd.Has(0) {
		if len(cmd.Args) > 1 {
			return atcmd.Errorf("+CPSMS needs a mode in front of timers")
		}
		m.set("+CPSMS", factorySettings["+CPSMS"])
		return nil
	}
	mode, ok := cmd.Int(0, 0, 1)
	if !ok || len(cmd.Args) > 5 {
		return atcmd.Errorf("+CPSMS takes 0 or 1 and two timers")
	}
	_, old, _ := strings.Cut(m.setting("+CPSMS"), ",,,")
	oldTAU, oldActive, _ := strings.Cut(old, ",")
	timer := func(i int, old string) (string, bool) {
		if !cmd.Has(i) {
			return old, true
		}
		bits, ok := cmd.Quoted(i)
		return `"` + string(bits) + `"`, ok && network.IsBits(string(bits), 8)
	}
	tau, ok1 := timer(3, oldTAU)
	active, ok2 := timer(4, oldActive)
	if !ok1 || !ok2 {
		return atcmd.Errorf(`the timers of +CPSMS are strings of eight bits, as in AT+CPSMS=1,,,"10101111","01101100"`)
	}
	m.set("+CPSMS", string('0'+byte(mode))+",,,"+tau+","+active)
	return nil
}

// grantPowerSaving is the network's answer to what the modem asks for.
func (m *Modem) grantPowerSaving() {
	r, n := &m.reg, &m.cfg.Network
	r.activeTime, r.periodicTAU = timerDeactivated, timerDeactivated
	text := m.setting("+CPSMS")
	if n.NoPSM || text[0] != '1' {
		return
	}
	_, timers, _ := strings.Cut(text, ",,,")
	tau, active, _ := strings.Cut(timers, ",")
	grant := func(forced, asked, otherwise string) string {
		switch asked = strings.Trim(asked, `"`); {
		case forced != "":
			return forced
		case asked != "":
			return asked
		}
		return otherwise
	}
	// What a network grants that was asked for nothing is a free choice: four
	// hours and one minute.
	r.periodicTAU = grant(n.PeriodicTAU, tau, "00100100")
	r.activeTime = grant(n.ActiveTime, active, "00100001")
}

// activeTime returns the time of T3324, and whether it is used (3GPP TS 24.008
// table 10.5.163).
func activeTime(bits string) (time.Duration, bool) {
	unit, value := splitTimer(bits)
	switch unit {
	case 0:
		return value * 2 * time.Second, true
	case 2:
		return value * 6 * time.Minute, true
	case 7:
		return 0, false
	}
	return value * time.Minute, true
}

// periodicUpdate returns the time of the extended T3412, and whether it is used
// (3GPP TS 24.008 table 10.5.163a).
func periodicUpdate(bits string) (time.Duration, bool) {
	unit, value := splitTimer(bits)
	if unit == 7 || value == 0 {
		return 0, false
	}
	return value * [...]time.Duration{
		10 * time.Minute, time.Hour, 10 * time.Hour, 2 * time.Second, 30 * time.Second, time.Minute, 320 * time.Hour,
	}[unit], true
}

func splitTimer(bits string) (unit int, value time.Duration) {
	if len(bits) != 8 {
		return 7, 0
	}
	for i, c := range bits {
		if i < 3 {
			unit = 2*unit + int(c-'0')
		} else {
			value = 2*value + time.Duration(c-'0')
		}
	}
	return unit, value
}

// edrx is extended DRX: what is asked for, by access technology, LTE-M first. It
// is not stored over a loss of power (inferred: its page is not among those that
// say so).
type edrx struct {
	requested [2]string
	window    [2]string
	tell      bool // mode 2: +CEDRXP
}

// defaultWindow is the paging time window of LTE-M and of NB-IoT; free choice.
const defaultWindow = "0011"

func (e *edrx) pagingWindow(i int) string {
	if e.window[i] == "" {
		return defaultWindow
	}
	return e.window[i]
}

// setEDRX is AT+CEDRXS=[<mode>[,<AcT-type>[,"<value>"[,"<window>"]]]]. A fourth
// parameter, as Nordic's tool sends it, is the paging window (fact
// saving/cedrxs-window).
func (m *Modem) setEDRX(_ *atcmd.Response, cmd *atcmd.Command) error {
	if !cmd.Has(0) && len(cmd.Args) <= 1 {
		m.edrx = edrx{}
		return nil
	}
	mode, ok := cmd.Int(0, 0, 3)
	if !ok || len(cmd.Args) > 4 {
		return atcmd.Errorf("+CEDRXS takes a mode from 0 to 3, a type, a value and a window")
	}
	which := -1
	if cmd.Has(1) {
		typ, ok := cmd.Int(1, 4, 5)
		if !ok {
			return atcmd.Errorf("the type of +CEDRXS is 4 for LTE-M or 5 for NB-IoT")
		}
		which = int(typ - 4)
	}
	value := ""
	if cmd.Has(2) {
		bits, ok := cmd.Quoted(2)
		if !ok || !network.IsBits(string(bits), 4) || which < 0 {
			return atcmd.Errorf("the value of +CEDRXS is a string of four bits")
		}
		value = string(bits)
	}
	window := ""
	if cmd.Has(3) {
		bits, ok := cmd.Quoted(3)
		if !ok || !network.IsBits(string(bits), 4) || value == "" {
			return atcmd.Errorf("the window of +CEDRXS is a string of four bits")
		}
		window = string(bits)
	}
	for i := range m.edrx.requested {
		switch {
		case mode == 3:
			m.edrx = edrx{}
		case which >= 0 && i != which:
		case mode == 0:
			m.edrx.requested[i] = ""
		case value != "":
			m.edrx.requested[i] = value
			m.edrx.window[i] = window // changing it resets the window
		case m.edrx.requested[i] == "":
			m.edrx.requested[i] = "0010" // free choice: 20.48 s
		}
	}
	m.edrx.tell = mode == 2
	if m.reg.registered() {
		m.soon = append(m.soon, m.notifyEDRX)
	}
	return nil
}

// edrxText returns the type, the value asked for, the network's and the window,
// as +CEDRXRDP and +CEDRXP have them; "" if eDRX is not in use.
func (m *Modem) edrxText() string {
	granted, ok := m.grantedEDRX()
	if !ok {
		return ""
	}
	i := btoi(m.accessTechnology() == 9)
	return string('4'+byte(i)) + `,"` + m.edrx.requested[i] + `","` + granted + `","` + m.edrx.pagingWindow(i) + `"`
}

// grantedEDRX returns the four bits of the cycle that the network grants, false if
// eDRX is not in use.
func (m *Modem) grantedEDRX() (bits string, ok bool) {
	n := &m.cfg.Network
	asked := m.edrx.requested[btoi(m.accessTechnology() == 9)]
	switch {
	case !m.reg.registered() || asked == "" || n.NoEDRX:
		return "", false
	case n.EDRX != "":
		return n.EDRX, true
	default:
		return asked, true
	}
}

func (m *Modem) notifyEDRX() {
	if text := m.edrxText(); m.edrx.tell && text != "" {
		m.notify([]byte("+CEDRXP: " + text))
	}
}

// setPagingWindow is AT%XPTW=<4|5>[,"<window>"].
func (m *Modem) setPagingWindow(_ *atcmd.Response, cmd *atcmd.Command) error {
	typ, ok := cmd.Int(0, 4, 5)
	if !ok || len(cmd.Args) > 2 {
		return atcmd.Errorf("%%XPTW takes 4 or 5 and a string of four bits")
	}
	bits, quoted := cmd.Quoted(1)
	if len(cmd.Args) == 2 && !(quoted && network.IsBits(string(bits), 4)) {
		return atcmd.Errorf("the window of %%XPTW is a string of four bits")
	}
	m.edrx.window[typ-4] = string(bits)
	return nil
}
