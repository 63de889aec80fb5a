package modem

import (
	"fmt"
	"strconv"

	"nrf91emu/atcmd"
)

// events are the subscriptions to what happens in the modem.
type events struct {
	modem      uint8 // %MDMEV
	packet     bool  // +CGEREP
	causes     uint8 // +CNEC: 8 for EMM, 16 for ESM
	indicators uint8 // +CIND: a bit for each indicator
}

// lastCause is what +CEER reports.
type lastCause struct {
	module string // "EMM", "ESM" or "OTHER", empty for none
	cause  uint8
}

var eventCommands = map[string]*forms{
	// Fact events/mdmev. Mode 2 has the informational events too.
	"%MDMEV": {Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		args := atcmd.ReadArgs(cmd)
		n := args.Int(0, m.cfg.Profile.EventLevels, "the level of events that this firmware has")
		if err := args.End(); err != nil {
			return err
		}
		m.events.modem = uint8(n)
		return nil
	}},
	// Fact errors/cnec.
	"+CNEC": {
		Bare: (*Modem).setCauses,
		Set:  (*Modem).setCauses,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("+CNEC: %d", m.events.causes)
			return nil
		},
		Test: atcmd.Text[*Modem]("+CNEC: (0,8,16,24)"),
	},
	// What is answered if there is nothing to report was not found (facts
	// errors/ceer, errors/ceer-nothing).
	"+CEER": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		if c := m.lastCause; c.module != "" {
			w.Printf(`+CEER: "%s %d"`, c.module, c.cause)
		}
		return nil
	}},
	// Fact signal/cind.
	"+CIND": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			set := m.events.indicators
			for i, name := range indicators {
				// What is left out stays as it is.
				set = set&^(1<<i) | uint8(args.IntOr(int(set>>i&1), 0, 1, name+", off or on"))<<i
			}
			if err := args.End(); err != nil {
				return err
			}
			m.events.indicators = set
			return nil
		},
		// The indicators' values, not the subscriptions (fact signal/cind-read).
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			service := m.reg.registered()
			w.Printf("+CIND: %d,%d,0", btoi(service), btoi(service && m.roams()))
			return nil
		},
		Test: atcmd.Text[*Modem](`+CIND: ("service",(0,1)),("roam",(0,1)),("message",(0,1))`),
	},
}

var indicators = [...]string{"service", "roam", "message"}

func (m *Modem) setCauses(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	var n int
	if args.Has() {
		n = args.OneOf("whose errors are told", 0, 8, 16, 24)
	} else {
		args.Skip()
	}
	if err := args.End(); err != nil {
		return err
	}
	m.events.causes = uint8(n)
	return nil
}

// notifyEvent sends %MDMEV to subscribers of that level.
func (m *Modem) notifyEvent(text string, level uint8) {
	if m.events.modem >= level {
		m.notify([]byte("%MDMEV: " + text))
	}
}

// notifyPacketEvent sends +CGEV (fact events/cgev).
func (m *Modem) notifyPacketEvent(text string) {
	if m.events.packet {
		m.notify([]byte("+CGEV: " + text))
	}
}

// notifyCause sends +CNEC_EMM or +CNEC_ESM, with the context if it is not
// negative.
func (m *Modem) notifyCause(module string, cause, cid int) {
	bit := uint8(8)
	if module == "ESM" {
		bit = 16
	}
	if m.events.causes&bit == 0 {
		return
	}
	b := fmt.Appendf(nil, "+CNEC_%s: %d", module, cause)
	if cid >= 0 {
		b = strconv.AppendInt(append(b, ','), int64(cid), 10)
	}
	m.notify(b)
}

// notifyIndicator sends +CIND.
func (m *Modem) notifyIndicator(name string, value int) {
	for i, n := range indicators {
		if n == name && m.events.indicators&(1<<i) != 0 {
			m.notify(fmt.Appendf(nil, "+CIND: %q,%d", name, value))
		}
	}
}
