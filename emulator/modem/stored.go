package modem

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/sms"
)

// storedSettings are the factory values.
var storedSettings = map[string]string{
	"%XDATAPRFL":          "2", // fact saving/xdataprfl
	"%RAI":                "0",
	"%REL14FEAT":          "0,0,0,0,0",
	"+CEMODE":             "2",
	"%XMODEMTRACE":        "",
	"%FEACONF":            "",
	"%REDMOB":             "0",
	"+CEPPI":              "0",
	"%XPDNCFG":            "0",
	"%UICCPOWERSAVE":      "0",
	"+ODIS":               `"","","",""`,
	"%XOPCONF":            "1",
	"%XRAI":               "0",
	"%XEPCO":              "1",
	"%XPRODDONE":          "",
	"%PERIODICSEARCHCONF": "",
	"%XDEEPSEARCH":        "1", // fact cells/deepsearch
	"%XCOUNTRYDATA":       "",
	"%PALL":               "",
	"%XEMPR":              "",
}

// arguments reads the parameters of a command and refuses what it does not take.
type arguments func(*Modem, *atcmd.ArgReader)

// stored returns the forms of a setting that is kept, stored with the others, read back,
// and that makes no difference otherwise (fact settings/stored-only).
func stored(read arguments) *forms {
	return &forms{Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		if err := m.readAll(cmd, read); err != nil {
			return err
		}
		m.set(string(cmd.Name), written(cmd))
		return nil
	}, Read: readKept}
}

// answered returns the forms of a command that is answered OK if its parameters are
// right, and of which nothing is kept (fact settings/answered-only).
func answered(read arguments) *forms {
	return &forms{Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error { return m.readAll(cmd, read) }}
}

func (m *Modem) readAll(cmd *atcmd.Command, read arguments) error {
	args := atcmd.ReadArgs(cmd)
	read(m, &args)
	return args.End()
}

// written returns the parameters as they are read back: without blanks between them,
// texts in quotes.
func written(cmd *atcmd.Command) string {
	var b strings.Builder
	for i := range cmd.Args {
		if i > 0 {
			b.WriteByte(',')
		}
		switch a := &cmd.Args[i]; a.Kind {
		case atcmd.ArgString, atcmd.ArgText:
			b.WriteString(`"` + string(a.Text) + `"`)
		default:
			b.Write(a.Text)
		}
	}
	return b.String()
}

// subscribed returns the set form of a command that subscribes with 1 and ends that with 0.
func subscribed(flag func(*Modem) *bool) atcmd.HandlerFunc[*Modem] {
	return func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		args := atcmd.ReadArgs(cmd)
		on := args.Bool("1 to subscribe or 0")
		if err := args.End(); err != nil {
			return err
		}
		*flag(m) = on
		return nil
	}
}

// extras are subscriptions and lists that end with the power.
type extras struct {
	odis, operatorName, usat bool
	disabledAPNs             []string
}

// number reads one number.
func number(lo, hi int) arguments {
	return func(_ *Modem, args *atcmd.ArgReader) { args.Int(lo, hi, "the setting") }
}

// unread returns forms without the read form.
func unread(f *forms) *forms { return &forms{Set: f.Set} }

// storedCommands are settings that are kept, as their parameters are written, and that make
// no difference to what can be seen here but for what their notifications need.
var storedCommands = map[string]*forms{
	"%XDATAPRFL":     stored(number(0, 4)),                                                       // fact saving/xdataprfl
	"%XNETTIME":      stored(number(0, 1)),                                                       // fact clock/xnettime
	"%REDMOB":        stored(number(0, 2)),                                                       // fact settings/redmob
	"+CEPPI":         {Set: stored(number(0, 1)).Set, Test: atcmd.Text[*Modem]("+CEPPI: (0,1)")}, // fact settings/ceppi
	"%XPDNCFG":       stored(number(0, 1)),                                                       // fact pdn/xpdncfg
	"%UICCPOWERSAVE": unread(stored(number(0, 3))),                                               // fact settings/redmob
	"%FEACONF":       {Set: (*Modem).configureFeature},
	// Fact settings/modemtrace: 0 to 3, and a set of traces behind 1.
	"%XMODEMTRACE": unread(stored(func(_ *Modem, args *atcmd.ArgReader) {
		const on, set, read = 1, 2, 3
		switch args.Int(0, read, "0 for off, 1 for on") {
		case on:
			args.IntOr(1, 1, 5, "a set of traces")
		case set, read:
			args.Fail("the bitmap of traces is in no source")
		}
	})),
	"%RAI": stored(func(m *Modem, args *atcmd.ArgReader) {
		args.Int(0, m.cfg.Profile.ReleaseAssistance, "the release assistance of this firmware")
	}),
	// Only before the activation (fact saving/rel14feat). 3GPP features, one
	// number each.
	"%REL14FEAT": stored(func(m *Modem, args *atcmd.ArgReader) {
		for range 5 {
			args.Bool("a feature, off or on")
		}
		if args.Err() == nil && args.Len() == 0 && m.radio.active {
			args.Code = event.CMEActiveState
			args.Fail("%%REL14FEAT is allowed only with the modem offline: send AT+CFUN=4 first")
		}
	}),
	"+CEMODE": {
		Set:  stored(func(_ *Modem, args *atcmd.ArgReader) { args.OneOf("the mode", 0, 2) }).Set,
		Read: readKept,
		Test: atcmd.Text[*Modem]("+CEMODE: (0,2)"),
	},
	// Fact settings/odis. Device, manufacturer, model and software, of the host.
	"+ODIS": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			err := m.readAll(cmd, func(_ *Modem, args *atcmd.ArgReader) {
				for _, what := range []string{"the host's identity", "its manufacturer", "its model", "its software version"} {
					args.Text(64, what)
				}
			})
			if text := written(cmd); err == nil && text != m.setting("+ODIS") {
				m.set("+ODIS", text)
				m.soon = append(m.soon, func() {
					if m.extras.odis {
						m.notify([]byte("+ODISNTF: " + text))
					}
				})
			}
			return err
		},
		Read: readKept,
	},
	"+ODISNTF": {Set: subscribed(func(m *Modem) *bool { return &m.extras.odis })},
	// Fact settings/opconf: 1 to 9 are operators, 21 and 23 satellite networks.
	"%XOPCONF": stored(func(m *Modem, args *atcmd.ArgReader) {
		if v := args.Int(1, 23, "the number of a configuration"); args.Err() == nil && v > 9 && (!m.cfg.Profile.NTN || v != 21 && v != 23) {
			args.Fail("this firmware has no operator configuration %d", v)
		}
	}),
	// Fact saving/xrai.
	"%XRAI": {
		Bare: func(m *Modem, _ *atcmd.Response, _ *atcmd.Command) error {
			m.set("%XRAI", "0")
			return nil
		},
		Set: stored(func(_ *Modem, args *atcmd.ArgReader) {
			if v := args.Int(0, 4, "0, 3 or 4"); args.Err() == nil && v != 0 && v != 3 && v != 4 {
				args.Fail("%%XRAI takes 0, 3 for one answer or 4 for none")
			}
		}).Set,
		Read: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			if !m.cfg.Profile.ReadXRAI {
				return atcmd.Errorf("%%XRAI has no read form in this firmware")
			}
			return readKept(m, w, cmd)
		},
	},
	// Fact settings/epco.
	"%XEPCO": {
		Set: stored(func(_ *Modem, args *atcmd.ArgReader) { args.Bool("1 for extended options or 0") }).Set,
		Read: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			if !m.cfg.Profile.ReadXEPCO {
				return atcmd.Errorf("%%XEPCO has no read form in this firmware")
			}
			return readKept(m, w, cmd)
		},
	},
	// Fact settings/apnstatus. What is listed is what was switched off.
	"%XAPNSTATUS": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			on := args.Bool("1 to enable an access point or 0")
			name := string(args.Text(100, "its name"))
			if err := args.End(); err != nil {
				return err
			}
			list := &m.extras.disabledAPNs
			*list = slices.DeleteFunc(*list, func(s string) bool { return strings.EqualFold(s, name) })
			if !on {
				if len(*list) == maxDisabledAPNs {
					return atcmd.Errorf("%d access points are disabled already", maxDisabledAPNs)
				}
				*list = append(*list, name)
			}
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			if list := m.extras.disabledAPNs; len(list) > 0 {
				w.Line(`%XAPNSTATUS: "` + strings.Join(list, `","`) + `"`)
			}
			return nil
		},
	},
	// Fact settings/proddone: it cannot be taken back.
	"%XPRODDONE": {Bare: (*Modem).endProduction, Set: (*Modem).endProduction},
	"%XOPNAME":   {Set: subscribed(func(m *Modem) *bool { return &m.extras.operatorName })}, // fact registration/opname
	"%USATEV": {Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error { // fact sim/usatev
		args := atcmd.ReadArgs(cmd)
		on := args.Bool("1 to subscribe or 0")
		if mask := args.TextOr(nil, 8, "a mask of bits"); strings.Trim(string(mask), "01") != "" {
			args.Fail("the mask of %%USATEV is a string of bits")
		}
		if err := args.End(); err != nil {
			return err
		}
		m.extras.usat = on
		return nil
	}},
	"%USATINFO":   {Bare: atcmd.Text[*Modem]("%USATINFO: 0,0")}, // the emulated card asks for nothing
	"%XFILEWRITE": {Set: (*Modem).writeFile},
}

const maxDisabledAPNs = 16

// endProduction is AT%XPRODDONE[=<0|1>]: 0 or nothing blocks %XEMPR for good.
func (m *Modem) endProduction(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	args.IntOr(0, 0, 1, "0 or 1")
	if err := args.End(); err != nil {
		return err
	}
	m.set("%XPRODDONE", "1")
	return nil
}

// countryDataEvery is how long after a change %XCOUNTRYDATA is stored at the latest (fact
// settings/countrydata).
const countryDataEvery = 12 * time.Hour

// tellOperatorName sends %XOPNAME: the names as the network sends them, packed, behind an
// octet with the number of bits left over (fact registration/opname).
func (m *Modem) tellOperatorName() {
	o := m.reg.operator
	if !m.extras.operatorName || o.Name == "" && o.ShortName == "" {
		return
	}
	name := func(text string) string {
		if text == "" {
			return ""
		}
		octets, spare := sms.Pack(text)
		return fmt.Sprintf(`"%02X%X"`, 0x88|spare, octets)
	}
	m.notify(fmt.Appendf(nil, `%%XOPNAME: %s,%s,"%s"`, name(o.Name), name(o.ShortName), o.PLMN))
}

// notifyReleaseAssistance tells what the cell has of release assistance: it does with the
// access stratum, not with the control plane (fact saving/rai-told).
func (m *Modem) notifyReleaseAssistance() {
	if m.setting("%RAI") == "2" {
		m.notify(fmt.Appendf(nil, `%%RAI: "%08X","%s",1,0`, m.cfg.Network.Cell, m.reg.operator.PLMN))
	}
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
