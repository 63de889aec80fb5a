package modem

import (
	"strconv"
	"strings"

	"nrf91emu/atcmd"
)

// pinoutSettings are the factory values.
var pinoutSettings = map[string]string{
	"%XCOEX0":       "",
	"%XMAGPIO":      "",
	"%XANTCFG":      "",
	"%XMIPIRFFEDEV": "",
	phaseEntry(0):   "",
	phaseEntry(1):   "",
	phaseEntry(2):   "",
	phaseEntry(3):   "",
}

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
