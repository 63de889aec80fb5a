package modem

import (
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// noEffectCommands are settings that a modem takes and that make no difference to
// what can be seen here. They are kept and stored as their parameters are
// written.
var noEffectCommands = map[string]*forms{
	"%XDATAPRFL":     keptNumber(true, [2]int64{0, 4}), // fact saving/xdataprfl
	"%XNETTIME":      keptNumber(true, [2]int64{0, 1}), // fact clock/xnettime
	"%REDMOB":        keptNumber(false, [2]int64{0, 2}),
	"%XEPCO":         keptNumber(false, [2]int64{0, 1}),
	"+CEPPI":         keptNumber(false, [2]int64{0, 1}), // fact settings/epco
	"%XPDNCFG":       keptNumber(true, [2]int64{0, 1}),  // fact pdn/xpdncfg
	"%UICCPOWERSAVE": keptNumber(false, [2]int64{0, 3}), // fact settings/redmob
	"+CPAS":          {Bare: atcmd.Text[*Modem]("+CPAS: 0")},
	"%FEACONF":       {Set: (*Modem).configureFeature},
	"%XMODEMTRACE":   {Set: keepParameters},
	"%XCOEX0":        {Set: keepParameters, Read: readKept},
	"%XMAGPIO":       {Set: keepParameters, Read: readKept},
	"%RAI": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			if _, ok := cmd.Int(0, 0, int64(m.cfg.Profile.ReleaseAssistance)); !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("%%RAI takes a number from 0 to %d with this firmware", m.cfg.Profile.ReleaseAssistance)
			}
			m.set("%RAI", string(cmd.Params))
			return nil
		},
		Read: readKept,
	},
	// Only before the activation (fact saving/rel14feat). 3GPP features, one
	// number each.
	"%REL14FEAT": {
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			switch {
			case !areNumbers(cmd, 0, 1) || len(cmd.Args) != 5:
				return atcmd.Errorf("%%REL14FEAT takes five times 0 or 1")
			case m.radio.active:
				return atcmd.CME(event.CMEActiveState, "%%REL14FEAT is allowed only with the modem offline: send AT+CFUN=4 first")
			}
			return keepParameters(m, w, cmd)
		},
		Read: readKept,
	},
	"+CEMODE": {
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			if v, ok := cmd.Int(0, 0, 2); !ok || v == 1 || len(cmd.Args) != 1 {
				return atcmd.Errorf("+CEMODE takes 0 or 2")
			}
			return keepParameters(m, w, cmd)
		},
		Read: readKept,
		Test: atcmd.Text[*Modem]("+CEMODE: (0,2)"),
	},
}

// keptNumber returns the forms of a command that keeps one number.
func keptNumber(read bool, r [2]int64) *forms {
	f := &forms{Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
		if !areNumbers(cmd, r[0], r[1]) || len(cmd.Args) != 1 {
			return atcmd.Errorf("%s takes a number from %d to %d", cmd.Name, r[0], r[1])
		}
		return keepParameters(m, w, cmd)
	}}
	if read {
		f.Read = readKept
	}
	return f
}

// keepParameters keeps the parameters as they are, without blanks.
func keepParameters(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
	if !cmd.Has(0) || len(cmd.Params) > 200 {
		return atcmd.Errorf("%s takes parameters of 200 characters at most", cmd.Name)
	}
	m.set(string(cmd.Name), strings.ReplaceAll(string(cmd.Params), " ", ""))
	return nil
}

func readKept(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
	name := string(cmd.Name)
	w.Line(name + ": " + m.setting(name))
	return nil
}

// configureFeature is AT%FEACONF=<op>,<feature>,<state>: op 0 sets (fact
// settings/feaconf). The other operations are not known and answer ERROR.
func (m *Modem) configureFeature(_ *atcmd.Response, cmd *atcmd.Command) error {
	op, ok := cmd.Int(0, 0, 0)
	if !ok || op != 0 || !areNumbers(cmd, 0, 255) || len(cmd.Args) != 3 {
		return atcmd.Errorf("%%FEACONF takes 0, a feature and a state")
	}
	feature := string(cmd.Args[1].Text) + ":"
	var kept []string
	for f := range strings.SplitSeq(m.setting("%FEACONF"), ",") {
		if f != "" && !strings.HasPrefix(f, feature) {
			kept = append(kept, f)
		}
	}
	m.set("%FEACONF", strings.Join(append(kept, feature+string(cmd.Args[2].Text)), ","))
	return nil
}

func areNumbers(cmd *atcmd.Command, lo, hi int64) bool {
	for i := range cmd.Args {
		if _, ok := cmd.Int(i, lo, hi); !ok {
			return false
		}
	}
	return true
}
