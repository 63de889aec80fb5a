package modem

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/sms"
	"nrf91emu/keystore/flash"
)

// storedSettings are the factory values.
var storedSettings = map[string]string{
	"+ODIS":               `"","","",""`,
	"%XOPCONF":            "1",
	"%XRAI":               "0",
	"%XEPCO":              "1",
	"%XPRODDONE":          "",
	"%XCOEX0":             "",
	"%XMAGPIO":            "",
	"%XANTCFG":            "",
	"%XMIPIRFFEDEV":       "",
	phaseEntry(0):         "",
	phaseEntry(1):         "",
	phaseEntry(2):         "",
	phaseEntry(3):         "",
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

// storedCommands are settings without a model behind them, but for what their
// notifications need.
var storedCommands = map[string]*forms{
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

// answeredCommands are answered and forgotten.
var answeredCommands = map[string]*forms{
	"%XSMSFALLBACK": answered(func(_ *Modem, args *atcmd.ArgReader) { args.Bool("1 to fall back or 0") }),
	"%XPCO":         answered(func(_ *Modem, args *atcmd.ArgReader) { args.Bool("1 to subscribe or 0") }), // fact pdn/pco
	"%XIPV6FAIL": answered(func(m *Modem, args *atcmd.ArgReader) { // fact pdn/ipv6-fail
		args.Int(0, m.highestContext(), "a context")
		args.Bool("1 if there is no address or 0")
	}),
	"%XAPNCLASS": {Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error { // fact pdn/apnclass
		args := atcmd.ReadArgs(cmd)
		args.Int(0, 0, "0 to read")
		class := args.Int(1, 16, "a class")
		if err := args.End(); err != nil {
			return err
		}
		if class != verizonClass {
			return atcmd.Errorf("the class %d has no access point", class)
		}
		w.Printf(`%%XAPNCLASS: %d,"VZWAPN","IPV4V6"`, class)
		return nil
	}},
	"%XUSIMLCK": answered(func(_ *Modem, args *atcmd.ArgReader) { // fact sim/usimlck
		op := args.Int(1, 4, "1 to 4")
		switch f := string(args.Text(2, "a facility")); {
		case args.Err() != nil:
		case !slices.Contains([]string{"PS", "PN", "PU", "PP", "PC"}, f), op == 4 && f != "PS":
			args.Fail("%q cannot be locked like that", f)
		}
		if password := args.TextOr([]byte("123456"), 16, "a password"); args.Err() == nil && len(password) < 6 {
			args.Fail("the password of %%XUSIMLCK has 6 to 16 digits")
		}
		args.IntOr(0, 0, 1, "1 for ever or 0")
		args.TextOr(nil, 1024, "codes of networks")
	}),
	"%SKYLO": answered(func(m *Modem, args *atcmd.ArgReader) { // fact registration/skylo
		args.Int(0, 3, "a feature")
		args.Bool("1 to enable it or 0")
		if args.Err() == nil && m.radio.active {
			args.Code = event.CMEActiveState
			args.Fail("%%SKYLO is allowed only with the modem offline: send AT+CFUN=4 first")
		}
	}),
	"+CGPIAF":    {Read: atcmd.Text[*Modem]("+CGPIAF: 1,1,1,0"), Test: atcmd.Text[*Modem]("+CGPIAF: (1),(1),(1),(0)")}, // fact pdn/piaf
	"+CGEQOSRDP": {Bare: (*Modem).readQuality, Set: (*Modem).readQuality},
}

// verizonClass is the class of the one access point that %XAPNCLASS has.
const verizonClass = 3

// readQuality is AT+CGEQOSRDP[=<cid>] (fact pdn/qos).
func (m *Modem) readQuality(w *atcmd.Response, cmd *atcmd.Command) error {
	return m.asked(cmd, func(c *pdn) { w.Printf("+CGEQOSRDP: %d,0,,", c.cid) })
}

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

// writeFile is AT%XFILEWRITE=1,"<content>","<sha-256>": the one file there is is the GNSS
// almanac. It is written to NVM at once (fact settings/filewrite).
func (m *Modem) writeFile(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	args.Int(1, 1, "1 for the almanac")
	text := args.Text(8192, "a content in hexadecimal digits")
	digest := args.Text(64, "its SHA-256")
	if err := args.End(); err != nil {
		return err
	}
	content, err := hex.DecodeString(string(text))
	if err != nil || len(content) == 0 {
		return atcmd.Errorf("the content of the file is written in pairs of hexadecimal digits")
	}
	if sum := sha256.Sum256(content); !strings.EqualFold(hex.EncodeToString(sum[:]), string(digest)) {
		return atcmd.Errorf("the SHA-256 of the content is another")
	}
	if err := m.powerWarning(); err != nil {
		return err
	}
	e := event.NVM{ID: m.exchange, Cause: event.NVMFile}
	before := m.flashCost()
	err = m.cfg.Store.SaveSettings(map[string][]byte{almanacEntry: content})
	e.Cost = m.flashCost().Since(before)
	if err != nil {
		e.Error, e.Reason = true, err.Error()
	}
	m.cfg.Log.Add(event.Event{NVM: &e})
	if errors.Is(err, flash.ErrPowerCut) {
		return ErrPowerLost
	}
	return storeError(err)
}

// almanacEntry is the name of the file among what is stored.
const almanacEntry = "%XFILEWRITE 1"

// pinoutCommands say what is at the radio's pins. They are kept in RAM, stored at +CFUN=0, and a set
// without parameters deletes them (fact settings/accepted).
var pinoutCommands = map[string]*forms{
	"%XCOEX0": pinout(func(_ *Modem, args *atcmd.ArgReader) {
		for n := args.Int(1, 4, "the number of ranges"); n > 0 && args.Err() == nil; n-- {
			args.Bool("the state of the pin")
			frequencies(args)
		}
	}),
	"%XMAGPIO": pinout(func(_ *Modem, args *atcmd.ArgReader) {
		for i := range 3 {
			args.Bool("1 if pin " + strconv.Itoa(i) + " is used or 0")
		}
		for n := args.Int(1, 12, "the number of ranges"); n > 0 && args.Err() == nil; n-- {
			args.Int(0, 7, "the state of the pins")
			frequencies(args)
		}
	}),
	"%XANTCFG":       pinout(func(_ *Modem, args *atcmd.ArgReader) { args.Int(0, 7, "the pins of the antenna") }),
	"%XMIPIRFFEDEV":  {Bare: (*Modem).deleteFrontEnd, Set: (*Modem).setFrontEnd, Read: (*Modem).readFrontEnd},
	"%XMIPIRFFECTRL": {Set: (*Modem).setFrontEndPhase},
	"%XANTDETMAGPIO": {Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
		if err := m.readAll(cmd, func(_ *Modem, args *atcmd.ArgReader) { args.Int(0, 2, "a pin") }); err != nil {
			return err
		}
		w.Line("%XANTDETMAGPIO: 0") // no antenna has the wire
		return nil
	}},
}

// frequencies reads a range in MHz.
func frequencies(args *atcmd.ArgReader) {
	low := args.Int(1, 10_000, "the lower frequency in MHz")
	high := args.Int(1, 10_000, "the upper frequency in MHz")
	if low > high {
		args.Fail("the range from %d to %d MHz is empty", low, high)
	}
}

// pinout returns the forms of such a command.
func pinout(read arguments) *forms {
	f := stored(read)
	f.Bare = func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		m.set(string(cmd.Name), "")
		return nil
	}
	return f
}

// The phases of a front end on the MIPI bus, in the order of their numbers.
var frontEndPhases = [...]string{"INIT", "ON", "OFF", "PWROFF"}

const phaseOn = 1

func phaseEntry(phase int) string { return "%XMIPIRFFECTRL " + strconv.Itoa(phase) }

func (m *Modem) deleteFrontEnd(_ *atcmd.Response, _ *atcmd.Command) error {
	m.set("%XMIPIRFFEDEV", "")
	for i := range frontEndPhases {
		m.set(phaseEntry(i), "")
	}
	return nil
}

// frontEnd returns the number of the device that is configured, 0 for none.
func (m *Modem) frontEnd() int {
	number, _, _ := strings.Cut(m.setting("%XMIPIRFFEDEV"), ",")
	n, _ := strconv.Atoi(number)
	return n
}

// setFrontEnd is AT%XMIPIRFFEDEV=<device>[,<usid>,<product>,<manufacturer>,<trigger>]
// (fact settings/mipi). The number alone deletes the device.
func (m *Modem) setFrontEnd(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	device := args.Int(1, 255, "the number of the device")
	remove := args.Len() == 0
	if !remove {
		args.Int(0, 15, "the slave address")
		args.Int(0, 255, "the product")
		args.Int(0, 1023, "the manufacturer")
		args.Int(0, 255, "the trigger")
	}
	if err := args.End(); err != nil {
		return err
	}
	switch other := m.frontEnd(); {
	case other != 0 && other != device:
		return atcmd.Errorf("the device %d is configured, and there is one device only", other)
	case remove:
		return m.deleteFrontEnd(w, cmd)
	}
	m.set("%XMIPIRFFEDEV", written(cmd))
	return nil
}

// setFrontEndPhase is AT%XMIPIRFFECTRL=<device>,<phase>,...
func (m *Modem) setFrontEndPhase(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	device := args.Int(1, 255, "the number of the device")
	phase := args.Int(0, len(frontEndPhases)-1, "a phase")
	most := 4
	if phase == phaseOn {
		most = 2
	}
	writes := args.Int(0, most, "the number of writes")
	for range writes {
		args.Int(0, 255, "an address")
		args.Int(0, 255, "its value")
	}
	steps := 0
	if phase == phaseOn {
		steps = args.Int(0, 64, "the number of frequencies")
		if steps > 0 { // the two addresses stand once, in front
			args.Int(0, 255, "the first address")
			args.Int(0, 255, "the second address")
		}
		for range steps {
			args.Int(0, 255, "the first value")
			args.Int(0, 255, "the second value")
			args.Int(1, 10_000, "the frequency in MHz")
		}
	}
	if err := args.End(); err != nil {
		return err
	}
	if device != m.frontEnd() {
		return atcmd.Errorf("the device %d is not configured: AT%%XMIPIRFFEDEV comes first", device)
	}
	value := ""
	if writes > 0 || steps > 0 {
		value = written(cmd)
	}
	m.set(phaseEntry(phase), value)
	return nil
}

func (m *Modem) readFrontEnd(w *atcmd.Response, _ *atcmd.Command) error {
	line := func(name, value string) {
		if value != "" {
			name += " " + value
		}
		w.Line(name)
	}
	line("%XMIPIRFFEDEV:", m.setting("%XMIPIRFFEDEV"))
	for i, name := range frontEndPhases {
		line(name+":", m.setting(phaseEntry(i)))
	}
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
