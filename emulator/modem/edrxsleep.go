package modem

import (
	"strconv"
	"time"
)

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
	nbIoT := m.accessTechnology() == 9
	n, _ := strconv.ParseUint(granted, 2, 4)
	units, unit := edrxCycles[n], 1280*time.Millisecond
	if nbIoT {
		unit *= 2
		if !hasNB[n] {
			units = shortNB
		}
	}
	w, _ := strconv.ParseUint(m.edrx.pagingWindow(btoi(nbIoT)), 2, 4)
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
