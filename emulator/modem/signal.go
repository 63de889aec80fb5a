package modem

import (
	"cmp"
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/network"
)

// signal is the last measurement of the serving cell.
type signal struct {
	network.Signal
	known      bool
	subscribed bool // %CESQ
	// rsrpLevel and rsrqLevel are what was told last.
	rsrpLevel, rsrqLevel uint8
	told                 bool
	// quality is the level of the SNR that %XSNRSQ told last, or one of qualityOff and
	// qualityUntold.
	quality int8
}

const (
	qualityOff     = 0
	qualityUntold  = -1
	qualityUnknown = -2 // it was told that there is no signal
)

// selection returns <srxlev>.
func (s *signal) selection() int { return 3 * int(s.RSRP) }

// qualityLevel returns in which of the five ranges of %XSNRSQ the SNR is, from 1 on: the
// borders are 16, 24, 32 and 40 (fact signal/xsnrsq).
func (s *signal) qualityLevel() int8 { return int8(min(max(int(s.SNR)/8-1, 0), 4)) + 1 }

// notifyQuality sends %XSNRSQ if the SNR has crossed a border, or for the first time.
func (m *Modem) notifyQuality() {
	s := &m.signal
	if level := s.qualityLevel(); s.quality != qualityOff && s.quality != level {
		s.quality = level
		m.notify(fmt.Appendf(nil, "%%XSNRSQ: %d,%d,%d,0", s.SNR, level-1, s.selection()))
	}
}

func (s *signal) measure(v network.Signal) { s.Signal, s.known = v, true }

// level returns in which of five ranges a value is, given the width of the first
// four (fact signal/cesq).
func level(v, width uint8) uint8 { return min(v/width, 4) }

var signalCommands = map[string]*forms{
	"+CESQ": {
		Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			rsrq, rsrp := uint8(255), uint8(255)
			if m.signal.known {
				rsrq, rsrp = m.signal.RSRQ, m.signal.RSRP
			}
			w.Printf("+CESQ: 99,99,255,255,%d,%d", rsrq, rsrp)
			return nil
		},
		Test: atcmd.Text[*Modem]("+CESQ: (99),(99),(255),(255),(0-34,255),(0-97,255)"),
	},
	"%CESQ": {Set: takes(0, 1, "off or on", func(m *Modem, n int) { m.signal.subscribed, m.signal.told = n == 1, false })},
	"+CSQ":  {Bare: atcmd.Text[*Modem]("+CSQ: 99,99")}, // fact signal/csq
	// Fact signal/xsnrsq. The guide's example has 39,168,0; the selection value is three
	// times the RSRP here (free choice).
	"%XSNRSQ": {
		Set: takes(0, 1, "off or on", func(m *Modem, n int) {
			m.signal.quality = qualityOff
			if n == 1 {
				m.signal.quality = qualityUntold
			}
		}),
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			if !m.signal.known {
				w.Line("%XSNRSQ: 127,255,255") // each value's own for unknown
				return nil
			}
			w.Printf("%%XSNRSQ: %d,%d,0", m.signal.SNR, m.signal.selection())
			return nil
		},
	},
	"%XCBAND": {
		Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			var band uint16
			if m.reg.found {
				band, _ = m.carrier()
			}
			w.Printf("%%XCBAND: %d", band)
			return nil
		},
		Test: (*Modem).listBands,
	},
	"%XMONITOR": {Bare: (*Modem).monitor},
	"%CONEVAL":  {Bare: (*Modem).evaluateConnection},
}

// notifySignal sends %CESQ if a threshold has been crossed, or for the first
// time.
func (m *Modem) notifySignal() {
	m.notifyQuality()
	s := &m.signal
	if !s.subscribed {
		return
	}
	p, q := level(s.RSRP, 20), level(s.RSRQ, 7)
	if s.told && p == s.rsrpLevel && q == s.rsrqLevel {
		return
	}
	s.told, s.rsrpLevel, s.rsrqLevel = true, p, q
	m.notify(fmt.Appendf(nil, "%%CESQ: %d,%d,%d,%d", s.RSRP, p, s.RSRQ, q))
}

// signalLost forgets the measurement.
func (m *Modem) signalLost() {
	s := &m.signal
	was := s.known
	s.Signal, s.known = network.Signal{}, false
	if was && s.quality != qualityOff {
		s.quality = qualityUnknown
		m.notify([]byte("%XSNRSQ: 127,255,255,255"))
	}
	if was && s.subscribed {
		s.told = false
		m.notify([]byte("%CESQ: 255,255,255,255"))
	}
}

// monitor is AT%XMONITOR: without a registration there is the status alone
// (fact signal/xmonitor).
func (m *Modem) monitor(w *atcmd.Response, _ *atcmd.Command) error {
	r, n := &m.reg, m.cfg.Network
	if !r.registered() {
		w.Printf("%%XMONITOR: %d", m.status())
		return nil
	}
	edrx, _ := m.grantedEDRX()
	band, earfcn := m.carrier()
	w.Append(func(b []byte) []byte {
		b = fmt.Appendf(b, `%%XMONITOR: %d,"%s","%s","%s","%04X",%d,%d,"%08X",%d,%d,%d,%d,"%s","%s","%s"`,
			r.status(), r.operator.Name, cmp.Or(r.operator.ShortName, r.operator.Name), r.operator.PLMN, n.TrackingArea, m.accessTechnology(), band,
			n.Cell, n.PhysicalCell, earfcn, m.signal.RSRP, m.signal.SNR, edrx, r.activeTime, r.periodicTAU)
		if m.cfg.Profile.MonitorTAU {
			b = append(append(append(b, `,"`...), n.T3412...), '"')
		}
		if m.cfg.Profile.NTN {
			b = append(b, ",0,3,8,8"...) // fact signal/xmonitor-ntn
		}
		return b
	})
	return nil
}

// Results of %CONEVAL (fact signal/coneval).
const (
	evaluated     = 0
	noCell        = 1
	noUICC        = 2
	notRegistered = 6
)

// evaluateConnection is AT%CONEVAL. What the network model does not have is as
// in a recorded session (fact registration/attach-lte-m).
func (m *Modem) evaluateConnection(w *atcmd.Response, _ *atcmd.Command) error {
	if m.settings.systemMode.ntn {
		return atcmd.Errorf("%%CONEVAL is not there for satellite networks") // fact registration/ntn
	}
	result := evaluated
	switch {
	case !m.radio.lte || !m.reg.found:
		result = noCell
	case m.sim.powered && m.cardState() != network.SIMPresent:
		result = noUICC
	case !m.radio.receive && !m.reg.registered():
		result = notRegistered
	}
	if result != evaluated {
		w.Printf("%%CONEVAL: %d", result)
		return nil
	}
	n := m.cfg.Network
	w.Append(func(b []byte) []byte {
		return m.appendEvaluation(append(b, "%CONEVAL: "...), &evaluation{m.signal.Signal, n.Cell, m.reg.operator.PLMN, n.PhysicalCell, n.EARFCN})
	})
	return nil
}

// evaluation is what %CONEVAL and %ENVEVAL tell of a cell.
type evaluation struct {
	network.Signal
	cell         uint32
	plmn         string
	physicalCell uint16
	earfcn       uint32
}

// appendEvaluation appends a result of 0 and what belongs to it.
func (m *Modem) appendEvaluation(b []byte, e *evaluation) []byte {
	pathLoss := max(0, 163-int(e.RSRP)) // with 23 dBm sent over the cell's bandwidth
	return fmt.Appendf(b, `0,%d,7,%d,%d,%d,"%08X","%s",%d,%d,%d,0,0,-8,2,1,%d`,
		btoi(m.conn.connected), e.RSRP, e.RSRQ, e.SNR, e.cell, e.plmn, e.physicalCell, e.earfcn, m.cfg.Network.Band, pathLoss)
}
