package modem

import (
	"strconv"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// noEffectSettings are their factory values.
var noEffectSettings = map[string]string{
	"%XDATAPRFL":     "2", // fact saving/xdataprfl
	"%RAI":           "0",
	"%REL14FEAT":     "0,0,0,0,0",
	"+CEMODE":        "2",
	"%XMODEMTRACE":   "",
	"%FEACONF":       "",
	"%REDMOB":        "0",
	"+CEPPI":         "0",
	"%XPDNCFG":       "0",
	"%UICCPOWERSAVE": "0",
}

// noEffectCommands are settings that a modem takes and that make no difference to
// what can be seen here. They are kept and stored as their parameters are
// written.
var noEffectCommands = map[string]*forms{
	"%XDATAPRFL":     keptNumber(true, 0, 4), // fact saving/xdataprfl
	"%XNETTIME":      keptNumber(true, 0, 1), // fact clock/xnettime
	"%REDMOB":        keptNumber(true, 0, 2),
	"+CEPPI":         {Set: keptNumber(false, 0, 1).Set, Test: atcmd.Text[*Modem]("+CEPPI: (0,1)")}, // fact settings/ceppi
	"%XPDNCFG":       keptNumber(true, 0, 1),                                                        // fact pdn/xpdncfg
	"%UICCPOWERSAVE": keptNumber(false, 0, 3),                                                       // fact settings/redmob
	"+CPAS":          {Bare: atcmd.Text[*Modem]("+CPAS: 0")},
	"%FEACONF":       {Set: (*Modem).configureFeature},
	"%XMODEMTRACE":   {Set: setTrace},
	"%RAI": {
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			args.Int(0, m.cfg.Profile.ReleaseAssistance, "the release assistance of this firmware")
			return keepParameters(m, w, cmd, &args)
		},
		Read: readKept,
	},
	// Only before the activation (fact saving/rel14feat). 3GPP features, one
	// number each.
	"%REL14FEAT": {
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			for range 5 {
				args.Bool("a feature, off or on")
			}
			if err := args.End(); err != nil {
				return err
			}
			if m.radio.active {
				return atcmd.CME(event.CMEActiveState, "%%REL14FEAT is allowed only with the modem offline: send AT+CFUN=4 first")
			}
			return keepParameters(m, w, cmd, &args)
		},
		Read: readKept,
	},
	"+CEMODE": {
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			args.OneOf("the mode", 0, 2)
			return keepParameters(m, w, cmd, &args)
		},
		Read: readKept,
		Test: atcmd.Text[*Modem]("+CEMODE: (0,2)"),
	},
}

// keptNumber returns the forms of a command that keeps one number.
func keptNumber(read bool, lo, hi int) *forms {
	f := &forms{Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
		args := atcmd.ReadArgs(cmd)
		args.Int(lo, hi, "the setting")
		return keepParameters(m, w, cmd, &args)
	}}
	if read {
		f.Read = readKept
	}
	return f
}

// maxKept is how long parameters that are kept may be, in bytes.
const maxKept = 200

// keepParameters keeps the parameters as they are, without blanks, if those read
// are all there are and are right.
func keepParameters(m *Modem, _ *atcmd.Response, cmd *atcmd.Command, args *atcmd.ArgReader) error {
	if len(cmd.Params) > maxKept {
		args.Fail("%s takes parameters of %d characters at most", cmd.Name, maxKept)
	}
	if err := args.End(); err != nil {
		return err
	}
	m.set(string(cmd.Name), strings.ReplaceAll(string(cmd.Params), " ", ""))
	return nil
}

// setTrace is AT%XMODEMTRACE=<0-3>[,<set>] (fact settings/modemtrace).
func setTrace(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
	const on, set, read = 1, 2, 3
	args := atcmd.ReadArgs(cmd)
	switch args.Int(0, read, "0 for off, 1 for on") {
	case on:
		args.IntOr(1, 1, 5, "a set of traces")
	case set, read:
		args.Fail("the bitmap of traces is in no source")
	}
	return keepParameters(m, w, cmd, &args)
}

func readKept(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
	name := string(cmd.Name)
	w.Line(name + ": " + m.setting(name))
	return nil
}

// configureFeature is AT%FEACONF=<op>,<feature>,<state>: op 0 sets (fact
// settings/feaconf). The other operations are not known and answer ERROR.
func (m *Modem) configureFeature(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	args.OneOf("the operation, which can only set", 0)
	feature := strconv.Itoa(args.Int(0, 255, "the feature")) + ":"
	state := args.Int(0, 255, "the state")
	if err := args.End(); err != nil {
		return err
	}
	var kept []string
	for f := range strings.SplitSeq(m.setting("%FEACONF"), ",") {
		if f != "" && !strings.HasPrefix(f, feature) {
			kept = append(kept, f)
		}
	}
	m.set("%FEACONF", strings.Join(append(kept, feature+strconv.Itoa(state)), ","))
	return nil
}
