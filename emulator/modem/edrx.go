package modem

import (
	"cmp"
	"strconv"
	"time"

	"nrf91emu/atcmd"
)

// edrxCommands ask for extended DRX (fact saving/edrx).
var edrxCommands = map[string]*forms{
	"+CEDRXS": {
		Set: (*Modem).setEDRX, Bare: (*Modem).setEDRX,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			for i, r := range m.edrx.requested[:m.edrxTypes()] {
				if r != "" {
					w.Printf("+CEDRXS: %d,%q", 4+i, r)
				}
			}
			return nil
		},
		Test: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf(`+CEDRXS: (0-3),(4-%d),("0000"-"1111")`, 3+m.edrxTypes())
			return nil
		},
	},
	"+CEDRXRDP": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		if text := m.edrxText(); text != "" {
			w.Line("+CEDRXRDP: " + text)
		} else {
			w.Line("+CEDRXRDP: 0") // the cell does not use eDRX
		}
		return nil
	}},
	"%XPTW": {
		Set: (*Modem).setPagingWindow,
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			for i := range m.edrxTypes() {
				w.Printf("%%XPTW: %d,%q", 4+i, m.edrx.pagingWindow(i))
			}
			return nil
		},
	},
}

// edrx is extended DRX: what is asked for, by access technology, LTE-M first, then NB-IoT on
// the ground and by satellite. It is not stored over a loss of power (fact saving/not-stored).
type edrx struct {
	requested [3]string
	window    [3]string
	tell      bool // mode 2: +CEDRXP
}

// defaultWindow is the paging time window of LTE-M and of NB-IoT; free choice.
const defaultWindow = "0011"

func (e *edrx) pagingWindow(i int) string {
	if e.window[i] == "" {
		return defaultWindow
	}
	return e.window[i]
}

// edrxTypes is how many access technologies have extended DRX in this firmware.
func (m *Modem) edrxTypes() int { return 2 + btoi(m.cfg.Profile.NTN) }

// edrxType is the place of the access technology in use.
func (m *Modem) edrxType() int {
	switch m.accessTechnology() {
	case 7:
		return 0
	case 9:
		return 1
	}
	return 2
}

// edrxTypeArg reads the <AcT-type> of +CEDRXS and %XPTW: its place, -1 if it is left out.
func (m *Modem) edrxTypeArg(args *atcmd.ArgReader, optional bool) int {
	const what = "the type, 4 for LTE-M, 5 for NB-IoT, 6 for NB-IoT by satellite"
	if highest := 3 + m.edrxTypes(); optional {
		return args.IntOr(3, 4, highest, what) - 4
	} else {
		return args.Int(4, highest, what) - 4
	}
}

// setEDRX is AT+CEDRXS=[<mode>[,<AcT-type>[,"<value>"[,"<window>"]]]]. A fourth
// parameter, as Nordic's tool sends it, is the paging window (fact
// saving/cedrxs-window).
func (m *Modem) setEDRX(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	if args.Len() <= 1 && !args.Has() {
		m.edrx = edrx{}
		return nil
	}
	mode := args.Int(0, 3, "the mode")
	which := m.edrxTypeArg(&args, true)
	value := bitsOr(&args, "", 4, "the value")
	if value != "" && which < 0 {
		args.Fail("the value of +CEDRXS needs a type")
	}
	window := bitsOr(&args, "", 4, "the window")
	if window != "" && value == "" {
		args.Fail("the window of +CEDRXS needs a value")
	}
	if err := args.End(); err != nil {
		return err
	}
	for i := range m.edrx.requested {
		switch {
		case mode == 3:
			m.edrx = edrx{}
		case which >= 0 && i != which:
		case mode == 0:
			m.edrx.requested[i] = ""
		case value != "":
			m.edrx.requested[i] = value
			m.edrx.window[i] = window // changing it resets the window
		case m.edrx.requested[i] == "":
			m.edrx.requested[i] = "0010" // free choice: 20.48 s
		}
	}
	m.edrx.tell = mode == 2
	if m.reg.registered() {
		m.soon = append(m.soon, m.notifyEDRX)
	}
	return nil
}

// edrxText returns the type, the value asked for, the network's and the window,
// as +CEDRXRDP and +CEDRXP have them; "" if eDRX is not in use.
func (m *Modem) edrxText() string {
	granted, ok := m.grantedEDRX()
	if !ok {
		return ""
	}
	i := m.edrxType()
	return string('4'+byte(i)) + `,"` + m.edrx.requested[i] + `","` + granted + `","` + m.edrx.pagingWindow(i) + `"`
}

// grantedEDRX returns the four bits of the cycle that the network grants, false if
// eDRX is not in use.
func (m *Modem) grantedEDRX() (bits string, ok bool) {
	n := m.cfg.Network
	asked := m.edrx.requested[m.edrxType()]
	switch {
	case !m.reg.registered() || asked == "" || n.NoEDRX:
		return "", false
	case n.EDRX != "":
		return n.EDRX, true
	default:
		return asked, true
	}
}

// notifyEDRX tells what the network has granted, 0 if it has granted nothing.
func (m *Modem) notifyEDRX() {
	if m.edrx.tell && m.edrx.requested[m.edrxType()] != "" {
		m.notify([]byte("+CEDRXP: " + cmp.Or(m.edrxText(), "0")))
	}
}

// setPagingWindow is AT%XPTW=<4|5|6>[,"<window>"].
func (m *Modem) setPagingWindow(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	which := m.edrxTypeArg(&args, false)
	window := bitsOr(&args, "", 4, "the window")
	if err := args.End(); err != nil {
		return err
	}
	m.edrx.window[which] = window
	return nil
}

// edrxCycles are the cycles by their four bits, in units of 5.12 s, and shortNB is
// the one that NB-IoT takes for those that it does not have (3GPP TS 24.008
// 10.5.5.32).
var edrxCycles = [16]int{1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512, 1024, 2048}

const (
	edrxUnit = 5120 * time.Millisecond
	shortNB  = 4
)

// hasNB says which cycles NB-IoT has.
var hasNB = [16]bool{2: true, 3: true, 5: true, 9: true, 10: true, 11: true, 12: true, 13: true, 14: true, 15: true}

// edrxTimes returns how long the modem sleeps in each eDRX cycle, and how long it
// then listens for paging; ok is false if eDRX is not in use.
func (m *Modem) edrxTimes() (sleep, window time.Duration, ok bool) {
	granted, ok := m.grantedEDRX()
	if !ok {
		return 0, 0, false
	}
	nbIoT := m.accessTechnology() != 7
	n, _ := strconv.ParseUint(granted, 2, 4)
	units, unit := edrxCycles[n], 1280*time.Millisecond
	if nbIoT {
		unit *= 2
		if !hasNB[n] {
			units = shortNB
		}
	}
	w, _ := strconv.ParseUint(m.edrx.pagingWindow(m.edrxType()), 2, 4)
	window = time.Duration(w+1) * unit
	sleep = time.Duration(units)*edrxUnit - window
	return sleep, window, sleep > 0
}

// startEDRX plans the sleep of an idle modem between its paging windows, again and
// again. It is told as sleep of type 2 (fact saving/sleep).
func (m *Modem) startEDRX() {
	s := &m.saving
	sleep, window, ok := m.edrxTimes()
	if n := s.sleep; !ok || !n.on || sleep < n.threshold {
		return // nobody is told
	}
	s.announced = sleepEDRX
	m.notifySleep(sleepEDRX, sleep)
	s.paging = append(s.paging[:0], m.after(sleep, func() {
		s.announced = 0
		m.notifySleep(sleepEDRX, 0)
		s.paging = append(s.paging[:0], m.after(window, m.startEDRX))
	}))
	if n := s.sleep; n.before > 0 && sleep > n.before {
		s.paging = append(s.paging, m.after(sleep-n.before, func() { m.notifySleep(sleepEDRX, n.before) }))
	}
}
