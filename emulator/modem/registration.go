package modem

import (
	"fmt"
	"strconv"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// Network is the network that the emulated modem finds, and its SIM.
type Network struct {
	SIM SIM
	// AttachDelay is the time from +CFUN=1 to the registration; half of it passes
	// until the SIM is ready. Zero registers at once, after OK.
	AttachDelay time.Duration
	// TrackingArea and Cell are the <tac> and <ci> of +CEREG.
	TrackingArea uint16
	Cell         uint32
	Roaming      bool
}

// DefaultNetwork returns a home network that is found in two seconds. Tracking
// area and cell are those of a recorded session (section 3.6).
func DefaultNetwork() Network {
	return Network{AttachDelay: 2 * time.Second, TrackingArea: 0xB4DC, Cell: 0x000AE520}
}

func (n *Network) simDelay() time.Duration { return n.AttachDelay / 2 }

// The <stat> of +CEREG (section 6.2).
const (
	statNotRegistered = 0
	statHome          = 1
	statSearching     = 2
	statUnknown       = 4
	statRoaming       = 5
	statUICCFailure   = 90
)

// Timers of the power saving mode in +CEREG, deactivated (section 6.2).
const timerDeactivated = "11100000"

// reg is the network registration.
type reg struct {
	level   int // <n> of +CEREG
	stat    int
	started bool // stat holds; before that it reads as unknown
	// found is set when a cell has been found, waiting when only the SIM is
	// missing.
	found, waiting bool
	cancel         []func()
}

// status returns the <stat>: unknown before the first +CFUN=1 (section 3.4,
// seen).
func (r *reg) status() int {
	if !r.started {
		return statUnknown
	}
	return r.stat
}

var registrationCommands = map[string]*forms{
	"+CEREG": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			n, ok := cmd.Int(0, 0, 5)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("+CEREG takes a number from 0 to 5")
			}
			m.reg.level = int(n)
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Append(func(b []byte) []byte {
				b = strconv.AppendInt(append(b, "+CEREG: "...), int64(m.reg.level), 10)
				return m.appendStatus(append(b, ','), m.reg.level)
			})
			return nil
		},
		Test: atcmd.Text[*Modem]("+CEREG: (0-5)"),
	},
}

// startSearch begins what LTE does when it is switched on. The order of the
// steps is that of the recorded sequences (section 3.4 and 3.6, seen); how the
// time is shared out among them is free.
func (m *Modem) startSearch() {
	d := m.cfg.Network.AttachDelay
	m.reg.cancel = append(m.reg.cancel[:0],
		m.after(d/4, func() {
			m.reg.found = true
			m.setRegistration(statSearching, "a cell was found")
		}),
	)
	if m.radio.receive {
		return // it never sends, so it never registers
	}
	m.soon = append(m.soon, func() {
		m.reg.cancel = append(m.reg.cancel, m.after(d, func() {
			m.reg.waiting = true
			m.attachIfReady()
		}))
	})
}

// attachIfReady registers once the search is over and the SIM is ready.
func (m *Modem) attachIfReady() {
	if !m.reg.waiting || !m.sim.ready {
		return
	}
	m.reg.waiting = false
	if m.cfg.Network.Roaming {
		m.setRegistration(statRoaming, "registered, roaming")
	} else {
		m.setRegistration(statHome, "registered, home network")
	}
}

// detach ends the registration and a search.
func (m *Modem) detach() {
	for _, cancel := range m.reg.cancel {
		cancel()
	}
	m.reg = reg{level: m.reg.level, stat: m.reg.stat, started: m.reg.started}
	m.setRegistration(statNotRegistered, "LTE was switched off")
}

// setRegistration changes the status and tells it to those who subscribed.
func (m *Modem) setRegistration(stat int, why string) {
	if m.reg.started && m.reg.stat == stat {
		return
	}
	m.reg.stat, m.reg.started = stat, true
	m.cfg.Log.Add(event.Event{Registration: &event.Registration{Status: stat, Reason: why}})
	if m.reg.level > 0 {
		m.notify(m.appendStatus([]byte("+CEREG: "), m.reg.level))
	}
}

// appendStatus appends <stat> and what the level adds to it (section 6.2).
func (m *Modem) appendStatus(b []byte, level int) []byte {
	stat := m.reg.status()
	b = strconv.AppendInt(b, int64(stat), 10)
	if level < 2 || !m.reg.found {
		return b
	}
	n := &m.cfg.Network
	b = fmt.Appendf(b, `,"%04X","%08X",%d`, n.TrackingArea, n.Cell, m.accessTechnology())
	if level >= 4 && (stat == statHome || stat == statRoaming) {
		b = append(b, `,,,"`+timerDeactivated+`","`+timerDeactivated+`"`...)
	}
	return b
}

// accessTechnology returns the <AcT>: 7 for LTE-M, 9 for NB-IoT.
func (m *Modem) accessTechnology() int {
	if m.settings.systemMode.lteM {
		return 7
	}
	return 9
}
