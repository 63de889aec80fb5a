package modem

import (
	"strconv"
	"time"

	"nrf91emu/atcmd"
)

// saving is the power saving mode of LTE and what tells about sleep.
type saving struct {
	asleep    bool      // in PSM
	announced int       // the type of a sleep that was long enough to be told, 0 for none
	offline   bool      // it sleeps because the radio is off
	wakeAt    time.Time // the periodic update
	timers    []func()  // stop those that are planned
	paging    []func()  // stop those of the eDRX cycle in hand

	sleep  warning // %XMODEMSLEEP
	update warning // %XT3412
}

// warning is a subscription that tells of a time some time before it comes.
type warning struct {
	on bool
	// before is how long before, zero for not at all; threshold is the shortest
	// time that is told.
	before, threshold time.Duration
}

// set is the set form that %XMODEMSLEEP and %XT3412 share (fact saving/sleep).
func (n *warning) set(cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	next := warning{on: args.Bool("off or on")}
	before := args.IntOr(0, 0, 3_600_000, "the warning in milliseconds")
	if before != 0 && before < 500 {
		args.Fail("the warning of %s is 0 or 500 to 3600000 ms", cmd.Name)
	}
	given := args.Has()
	threshold := args.Uint32Or(0, "the threshold in milliseconds")
	if given && (threshold < 10_240 || threshold > 3_456_000_000) {
		args.Fail("the threshold of %s is 10240 to 3456000000 ms", cmd.Name)
	}
	if err := args.End(); err != nil {
		return err
	}
	next.before, next.threshold = time.Duration(before)*time.Millisecond, time.Duration(threshold)*time.Millisecond
	*n = next
	return nil
}

// Types of sleep in %XMODEMSLEEP (fact saving/sleep).
const (
	sleepPSM     = 1
	sleepEDRX    = 2
	sleepOffline = 4
)

var sleepCommands = map[string]*forms{
	// A modem that sleeps tells it at once (fact saving/sleep-at-subscription).
	"%XMODEMSLEEP": {Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		if err := m.saving.sleep.set(cmd); err != nil {
			return err
		}
		m.soon = append(m.soon, func() {
			if m.saving.offline {
				m.notifySleep(sleepOffline, -1)
			} else if m.saving.asleep {
				m.announcePSM()
			}
		})
		return nil
	}},
	"%XT3412": {Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error { return m.saving.update.set(cmd) }},
}

// notifySleep tells that the modem sleeps for that long, for ever if negative;
// zero tells that the sleep is over.
func (m *Modem) notifySleep(kind int, d time.Duration) {
	s := &m.saving
	if !s.sleep.on {
		return
	}
	b := strconv.AppendInt([]byte("%XMODEMSLEEP: "), int64(kind), 10)
	if d >= 0 {
		b = strconv.AppendInt(append(b, ','), d.Milliseconds(), 10)
	}
	m.notify(b)
}

// fallAsleep is the sleep of a modem whose radio is off.
func (m *Modem) fallAsleep() {
	if s := &m.saving; !s.offline {
		s.offline = true
		m.notifySleep(sleepOffline, -1)
	}
}

// startAwake ends that sleep, which is told before OK (fact saving/sleep-before-ok).
func (m *Modem) startAwake() {
	if s := &m.saving; s.offline {
		s.offline = false
		m.notifySleep(sleepOffline, 0)
	}
}

// startSaving plans the sleep of a modem that has become idle: after the active
// time (T3324) until the periodic update (T3412).
func (m *Modem) startSaving() {
	if !m.reg.registered() {
		return
	}
	active, ok := activeTime(m.reg.activeTime)
	period, on := periodicUpdate(m.reg.periodicTAU)
	if !ok || !on {
		m.startEDRX() // with both, the power saving mode is the deeper sleep
	}
	if !on {
		return
	}
	s := &m.saving
	s.wakeAt = time.Now().Add(period)
	s.timers = append(s.timers, m.after(period, m.periodicUpdate))
	if n := s.update; n.on && n.before > 0 && period >= n.threshold && period > n.before {
		s.timers = append(s.timers, m.after(period-n.before, func() { m.notifyUpdate(n.before) }))
	}
	if !ok {
		return
	}
	m.afterActive(active)
}

func (m *Modem) afterActive(active time.Duration) {
	s := &m.saving
	s.timers = append(s.timers, m.after(active, func() {
		s.asleep = true
		m.announcePSM()
	}))
}

// announcePSM tells of the power saving mode and plans the warning before its end,
// unless what is left of it is too short to be told.
func (m *Modem) announcePSM() {
	s := &m.saving
	left, n := time.Until(s.wakeAt), s.sleep
	if left < n.threshold {
		return
	}
	s.announced = sleepPSM
	m.notifySleep(sleepPSM, left-time.Millisecond) // fact saving/sleep-psm
	if n.on && n.before > 0 && left > n.before {
		s.timers = append(s.timers, m.after(left-n.before, func() { m.notifySleep(sleepPSM, n.before) }))
	}
}

// stopSaving drops what startSaving had planned.
func (m *Modem) stopSaving() {
	s := &m.saving
	for _, stop := range append(s.timers, s.paging...) {
		stop()
	}
	s.timers, s.paging = s.timers[:0], s.paging[:0]
	s.asleep, s.announced = false, 0
}

func (m *Modem) leaveSleep() {
	announced := m.saving.announced
	m.stopSaving()
	if announced != 0 {
		m.notifySleep(announced, 0)
	}
}

// periodicUpdate is the update of the tracking area when T3412 has run out.
func (m *Modem) periodicUpdate() {
	m.notifyUpdate(0)
	m.wake()
}

func (m *Modem) notifyUpdate(d time.Duration) {
	if m.saving.update.on {
		m.notify(strconv.AppendInt([]byte("%XT3412: "), d.Milliseconds(), 10))
	}
}
