package modem

import (
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/network"
)

// cellCommands tell of the cells around: the serving one, its neighbours and those of
// other networks.
var cellCommands = map[string]*forms{
	"%NCELLMEAS":     {Bare: (*Modem).measureCells, Set: (*Modem).measureCells},
	"%NCELLMEASSTOP": {Bare: (*Modem).stopMeasureCells},
	"%NBRGRSRP":      {Bare: (*Modem).readNeighbours},
	"%ENVEVAL":       {Set: (*Modem).evaluateEnvironment},
	"%ENVEVALSTOP":   {Bare: (*Modem).stopEvaluation},
	"+CEINFO":        {Set: (*Modem).tellCoverage, Read: (*Modem).readCoverage},
}

// cells is a measurement that runs.
type cells struct {
	global bool   // it asks for cells with their global identity
	count  int    // at most that many, the serving one included
	stop   func() // nil: no measurement runs

	stopEvaluation func() // of %ENVEVAL, nil while none runs
	tellCoverage   bool   // +CEINFO=1
}

// The time that a search takes: in the cells known from before, and in all bands of the
// region. One of all bands takes as long as AT+COPS=? (fact cells/times).
const (
	historySearch = 100 * time.Millisecond
	lightSearch   = 2 * time.Second
)

// measureCells is AT%NCELLMEAS[=<type>[,<gci_count>]] (facts cells/ncellmeas and
// cells/ncellmeas-types).
func (m *Modem) measureCells(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	typ := args.IntOr(0, 0, m.cfg.Profile.CellMeasurements, "the type of search")
	count := 1 + len(m.cfg.Network.Neighbours)
	if typ >= 3 {
		count = args.Int(2, 15, "the number of cells")
	} else if args.Len() > 0 {
		args.Skip() // it is passed over
	}
	if err := args.End(); err != nil {
		return err
	}
	c := &m.cells
	switch {
	case !m.radio.lte:
		return atcmd.Errorf("LTE is off: AT+CFUN=1 switches it on")
	case m.radio.receive && m.cfg.Profile.EventLevels < 2:
		return atcmd.Errorf("this firmware does not measure neighbour cells in mode 2")
	case m.settings.systemMode.ntn:
		return atcmd.Errorf("%%NCELLMEAS is not there for satellite networks") // fact registration/ntn
	case c.stop != nil:
		return atcmd.Errorf("a measurement is running: AT%%NCELLMEASSTOP ends it")
	}
	c.global, c.count = typ >= 3, count
	duration := historySearch
	switch known := m.knownCells(); {
	case typ == 1, typ == 4 && known < count:
		duration += lightSearch
	case typ == 2, typ == 5 && known < count:
		duration += lightSearch + m.cfg.Network.SearchTime
	}
	c.stop = m.after(duration, func() {
		c.stop = nil
		if !m.reg.found {
			m.notify([]byte("%NCELLMEAS: 1"))
			return
		}
		m.notifyCells(measured, m.cfg.Network.Neighbours)
	})
	return nil
}

// The <status> of %NCELLMEAS.
const (
	measured    = 0
	interrupted = 2
)

// knownCells is how many cells with a global identity the modem knows.
func (m *Modem) knownCells() int {
	n := 1
	for i := range m.cfg.Network.Neighbours {
		n += btoi(m.cfg.Network.Neighbours[i].Cell != 0)
	}
	return n
}

// stopMeasureCells is AT%NCELLMEASSTOP: what is there is told, which is the serving cell
// (fact cells/ncellmeasstop).
func (m *Modem) stopMeasureCells(_ *atcmd.Response, _ *atcmd.Command) error {
	c := &m.cells
	if c.stop == nil {
		return nil
	}
	c.stop()
	c.stop = nil
	m.soon = append(m.soon, func() {
		if m.reg.found {
			m.notifyCells(interrupted, nil)
		} else {
			m.notify([]byte("%NCELLMEAS: 2"))
		}
	})
	return nil
}

// interruptMeasurements ends what runs because LTE was switched off or the network is gone.
func (m *Modem) interruptMeasurements() {
	c := &m.cells
	if c.stop != nil {
		c.stop()
		c.stop = nil
		m.notify([]byte("%NCELLMEAS: 2"))
	}
	if c.stopEvaluation != nil {
		c.stopEvaluation()
		c.stopEvaluation = nil
		m.notify([]byte("%ENVEVAL: 5"))
	}
}

// sinceStart is a time in milliseconds since the modem was switched on.
func (m *Modem) sinceStart(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Sub(m.clock.started).Milliseconds()
}

// unknownAdvance is a timing advance that is not valid.
const unknownAdvance = 65535

// notifyCells sends %NCELLMEAS in the layout of the type that was asked for.
func (m *Modem) notifyCells(status int, neighbours []network.Neighbour) {
	n := m.cfg.Network
	ta, at := unknownAdvance, m.sinceStart(m.conn.last)
	if !m.conn.last.IsZero() {
		ta = int(n.TimingAdvance)
	}
	now := m.sinceStart(time.Now())
	_, earfcn := m.carrier()
	b := fmt.Appendf(nil, `%%NCELLMEAS: %d,"%08X","%s","%04X",%d`, status, n.Cell, m.reg.operator.PLMN, n.TrackingArea, ta)
	if m.cells.global {
		b = fmt.Appendf(b, ",%d", at)
	}
	b = fmt.Appendf(b, ",%d,%d,%d,%d,%d", earfcn, n.PhysicalCell, measuredLevel(m.signal.RSRP), measuredLevel(m.signal.RSRQ), now)
	if m.cells.global {
		b = fmt.Appendf(b, ",1,%d", len(neighbours))
	}
	for i := range neighbours {
		c := &neighbours[i]
		b = fmt.Appendf(b, ",%d,%d,%d,%d,%d", c.EARFCN, c.PhysicalCell, measuredLevel(c.RSRP), measuredLevel(c.RSRQ), c.TimeDifference)
	}
	switch {
	case m.cells.global:
		for i, count := 0, 1; i < len(neighbours) && count < m.cells.count; i++ {
			if c := &neighbours[i]; c.Cell != 0 {
				count++
				b = fmt.Appendf(b, `,"%08X","%s","%04X",%d,0,%d,%d,%d,%d,%d,0,0`, c.Cell, m.plmnOf(c), m.areaOf(c), unknownAdvance,
					c.EARFCN, c.PhysicalCell, measuredLevel(c.RSRP), measuredLevel(c.RSRQ), now+int64(c.TimeDifference))
			}
		}
	case m.cfg.Profile.CellMeasurements > 0: // since mfw 1.3.1
		b = fmt.Appendf(b, ",%d", at)
	}
	m.notify(b)
}

// measuredLevel returns a level as %NCELLMEAS has it, where 0 is not used (fact
// cells/ncellmeas).
func measuredLevel(v uint8) int {
	if v == 0 {
		return -1
	}
	return int(v)
}

func (m *Modem) plmnOf(c *network.Neighbour) string {
	if c.PLMN == "" {
		return m.reg.operator.PLMN
	}
	return c.PLMN
}

func (m *Modem) areaOf(c *network.Neighbour) uint16 {
	if c.TrackingArea == 0 {
		return m.cfg.Network.TrackingArea
	}
	return c.TrackingArea
}

// readNeighbours is AT%NBRGRSRP: the neighbours without the serving cell, OK alone
// without any (fact cells/nbrgrsrp).
func (m *Modem) readNeighbours(w *atcmd.Response, _ *atcmd.Command) error {
	if !m.reg.found || len(m.cfg.Network.Neighbours) == 0 {
		return nil
	}
	w.Append(func(b []byte) []byte {
		b = append(b, "%NBRGRSRP: "...)
		for i := range m.cfg.Network.Neighbours {
			c := m.cfg.Network.Neighbours[i]
			if i > 0 {
				b = append(b, ',')
			}
			b = fmt.Appendf(b, "%d,%d,%d", c.PhysicalCell, c.EARFCN, c.RSRP)
		}
		return b
	})
	return nil
}

// evaluateEnvironment is AT%ENVEVAL=<type>,"<plmn>"[,...]: a line with what %CONEVAL has
// for each network that is found, and one with the status alone (fact cells/enveval).
func (m *Modem) evaluateEnvironment(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	typ := args.Int(0, 2, "the type of search")
	var wanted []string
	for args.Len() > 0 || len(wanted) == 0 {
		plmn := string(args.Text(6, "a network"))
		if args.Err() == nil && !network.IsPLMN(plmn) {
			args.Fail("%q is not a network: five or six digits", plmn)
		}
		if args.Err() != nil {
			break
		}
		wanted = append(wanted, plmn)
	}
	switch err := args.End(); {
	case err != nil:
		return err
	case !m.radio.receive:
		return atcmd.Errorf("%%ENVEVAL is allowed in the functional mode 2 only")
	case m.cells.stopEvaluation != nil:
		return atcmd.Errorf("an evaluation is running: AT%%ENVEVALSTOP ends it")
	}
	duration := lightSearch
	if typ == 2 {
		duration += m.cfg.Network.SearchTime
	}
	m.cells.stopEvaluation = m.after(duration, func() {
		m.cells.stopEvaluation = nil
		for _, plmn := range wanted {
			m.notifyEvaluation(plmn)
		}
		m.notify([]byte("%ENVEVAL: 0"))
	})
	return nil
}

// notifyEvaluation tells of a network if it is there. One that the network file has among
// others is measured at the first of its cells, or as the serving one if it has none.
func (m *Modem) notifyEvaluation(plmn string) {
	n := m.cfg.Network
	if m.coverage.absent || m.bandLocked() {
		return
	}
	here := evaluation{m.coverage.signal, n.Cell, plmn, n.PhysicalCell, n.EARFCN}
	if plmn == n.Operator.PLMN {
		m.notify(m.appendEvaluation([]byte("%ENVEVAL: "), &here))
		return
	}
	for i := range n.Others {
		if n.Others[i].PLMN != plmn {
			continue
		}
		for j := range n.Neighbours {
			if c := &n.Neighbours[j]; c.PLMN == plmn {
				here = evaluation{network.Signal{RSRP: c.RSRP, RSRQ: c.RSRQ, SNR: m.coverage.signal.SNR}, c.Cell, plmn, c.PhysicalCell, c.EARFCN}
				break
			}
		}
		m.notify(m.appendEvaluation([]byte("%ENVEVAL: "), &here))
	}
}

// stopEvaluation is AT%ENVEVALSTOP (fact cells/enveval).
func (m *Modem) stopEvaluation(_ *atcmd.Response, _ *atcmd.Command) error {
	if stop := m.cells.stopEvaluation; stop != nil {
		m.cells.stopEvaluation = nil
		stop()
		m.soon = append(m.soon, func() { m.notify([]byte("%ENVEVAL: 5")) })
	}
	return nil
}

// tellCoverage is AT+CEINFO=<0|1> (fact cells/ceinfo).
func (m *Modem) tellCoverage(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	on := args.Bool("1 to subscribe or 0")
	if err := args.End(); err != nil {
		return err
	}
	if err := m.powerWarning(); err != nil {
		return err
	}
	m.cells.tellCoverage = on
	return nil
}

func (m *Modem) readCoverage(w *atcmd.Response, _ *atcmd.Command) error {
	if err := m.powerWarning(); err != nil {
		return err
	}
	w.Append(m.appendCoverage)
	return nil
}

// appendCoverage appends the line of +CEINFO. In dBm and dB the steps of RSRP begin at
// -140 and those of SNR at -24.
func (m *Modem) appendCoverage(b []byte) []byte {
	state, repetitions, rsrp, cinr := "I", 0, 255, 127
	if m.conn.connected {
		state, repetitions = "C", 1
	}
	if m.signal.known {
		rsrp, cinr = int(m.signal.RSRP)-140, int(m.signal.SNR)-24
	}
	return fmt.Appendf(b, "+CEINFO: %d,%d,%s,%d,%d,%d,%d", btoi(m.cells.tellCoverage), btoi(m.reg.registered()), state, repetitions, repetitions, rsrp, cinr)
}

// notifyCoverage tells of a connection that has begun or ended.
func (m *Modem) notifyCoverage() {
	if m.cells.tellCoverage {
		m.notify(m.appendCoverage(nil))
	}
}
