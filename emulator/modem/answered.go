package modem

import (
	"slices"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// answeredCommands are answered and forgotten.
var answeredCommands = map[string]*forms{
	"+CPAS":         {Bare: atcmd.Text[*Modem]("+CPAS: 0")},
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
