package modem

import (
	"strings"

	"nrf91emu/atcmd"
)

var identityCommands = map[string]*forms{
	"+CGMI": {Bare: atcmd.Text[*Modem]("Nordic Semiconductor ASA")},
	"+CGMM": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line(m.cfg.Profile.Chip.Model)
		return nil
	}},
	"+CGMR": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line(m.cfg.Profile.Revision)
		return nil
	}},
	"+CGSN": {
		Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error { return m.serialNumber(w, 0) },
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			snt := args.Int(0, 3, "the kind of number")
			if err := args.End(); err != nil {
				return err
			}
			return m.serialNumber(w, snt)
		},
		Test: atcmd.Text[*Modem]("+CGSN: (0-3)"),
	},
	"%HWVERSION": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line("%HWVERSION: " + m.cfg.Profile.Chip.Hardware)
		return nil
	}},
	"%SHORTSWVER": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line("%SHORTSWVER: " + strings.TrimPrefix(m.cfg.Profile.Revision, "mfw_"))
		return nil
	}},
	"%XMODEMUUID": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line("%XMODEMUUID: " + m.cfg.Identity.ModemUUID)
		return nil
	}},
	"%DEVICEUUID": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line("%DEVICEUUID: " + m.cfg.Identity.DeviceUUID)
		return nil
	}},
	"+CLAC": {Bare: (*Modem).listCommands},
}

// listCommands is AT+CLAC: the names with AT in front (fact identity/clac).
// The order of the modem is not known; this one is alphabetical.
func (m *Modem) listCommands(w *atcmd.Response, _ *atcmd.Command) error {
	for _, name := range commands().Names() {
		if m.cfg.Profile.HasCommand(name) {
			w.Line("AT" + name)
		}
	}
	return nil
}

// serialNumber answers +CGSN: bare digits for 0, prefix and quotes for the
// others (fact identity/cgsn).
func (m *Modem) serialNumber(w *atcmd.Response, snt int) error {
	id := m.cfg.Identity
	if id.IMEI == "" {
		return atcmd.Errorf("this modem has no IMEI")
	}
	switch snt {
	case 0:
		w.Line(id.IMEI)
	case 1:
		w.Printf("+CGSN: %q", id.IMEI)
	case 2:
		w.Printf("+CGSN: %q", id.IMEI[:14]+id.SoftwareVersion)
	case 3:
		w.Printf("+CGSN: %q", id.SoftwareVersion)
	}
	return nil
}
