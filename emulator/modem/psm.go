package modem

import (
	"fmt"
	"strings"
	"time"

	"nrf91emu/atcmd"
)

var powerSavingSettings = map[string]string{"+CPSMS": `0,,,"",""`}

// powerSavingCommands ask for the power saving mode, PSM (fact saving/cpsms).
var powerSavingCommands = map[string]*forms{
	"+CPSMS": {
		Set: (*Modem).setPowerSaving, Bare: (*Modem).setPowerSaving,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Line("+CPSMS: " + m.setting("+CPSMS"))
			return nil
		},
	},
}

// setPowerSaving is AT+CPSMS=[<mode>[,,,"<TAU>"[,"<active>"]]]; without a mode it
// resets to the factory's values and disables. What stands at the second and third
// place is for other technologies and is passed over (fact saving/cpsms-ignored).
func (m *Modem) setPowerSaving(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	if !args.Has() {
		args.Skip()
		if err := args.End(); err != nil {
			return err
		}
		m.set("+CPSMS", powerSavingSettings["+CPSMS"])
		return nil
	}
	mode := args.Int(0, 1, "the mode")
	args.Skip()
	args.Skip()
	var tau, active string // missing, the manufacturer's own are in use (fact saving/cpsms)
	if mode == 0 {
		_, timers, _ := strings.Cut(m.setting("+CPSMS"), ",,,")
		tau, active, _ = strings.Cut(strings.ReplaceAll(timers, `"`, ""), ",")
	}
	tau = bitsOr(&args, tau, 8, "the periodic update")
	active = bitsOr(&args, active, 8, "the active time")
	if err := args.End(); err != nil {
		return err
	}
	m.set("+CPSMS", fmt.Sprintf(`%d,,,"%s","%s"`, mode, tau, active))
	return nil
}

// grantPowerSaving is the network's answer to what the modem asks for.
func (m *Modem) grantPowerSaving() {
	r, n := &m.reg, m.cfg.Network
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
