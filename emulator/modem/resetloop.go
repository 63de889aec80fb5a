package modem

import (
	"strconv"
	"time"

	"nrf91emu/emulator/modem/card"
)

// Retained is what outlives a loss of power beside the flash: the card, and what
// the modem knows about its last resets. One belongs to one device; pass the same
// one to each Modem that is made for it. The zero value is a new device with a
// new card.
//
// How the modem counts resets is not documented. Nordic says that cutting the power
// stores nothing (fact cfun/no-store-on-cut) and that the restriction uses NVM
// (facts settings/reset-loop, settings/reset-loop-counter); here the count is held
// beside the flash, which costs no wear, and what is left of a restriction is
// stored at +CFUN=0.
type Retained struct {
	card   card.Card
	resets int
	// left is what is left of a restriction that was not stored.
	left time.Duration
	// centre is the network's, which keeps messages while the modem is off.
	centre serviceCentre
}

// The reset loop restriction (fact settings/reset-loop).
const (
	restriction = 30 * time.Minute
	resetCalm   = 60 * time.Second
)

// restrictionEntry is the setting that keeps the rest of a restriction, in
// seconds.
const restrictionEntry = "reset loop"

var resetLoopSettings = map[string]string{restrictionEntry: ""}

// resetLoop is the restriction as it runs.
type resetLoop struct {
	left  time.Duration // zero: none
	since time.Time     // when it began to run, zero while it does not
	// calm stops the timer that clears the count, extended is set when it has been
	// restarted.
	calm     func()
	extended bool
	stop     func()
}

// checkResets is called at power-on.
func (m *Modem) checkResets() {
	r := m.cfg.Retained
	m.loop.left = r.left
	if s, err := strconv.Atoi(m.setting(restrictionEntry)); err == nil && s > 0 {
		m.loop.left = max(m.loop.left, time.Duration(s)*time.Second)
	}
	limit := m.cfg.Profile.ResetLimit
	if limit > 0 && r.resets >= limit && m.loop.left == 0 {
		m.loop.left = restriction
		r.resets = 0
	}
	r.left = m.loop.left
}

// LockResetLoop brings about the restriction of a modem that has been reset too
// often. It restarts the modem and is meant for the beginning of a boot, when
// nobody has spoken to the modem yet. It does nothing and returns false for a
// firmware that does not count resets.
func (m *Modem) LockResetLoop() bool {
	limit := m.cfg.Profile.ResetLimit
	if limit == 0 {
		return false
	}
	m.PowerOff()
	m.cfg.Retained.resets = limit
	m.PowerOn()
	return true
}

// countReset is called when the power goes: a modem that was on and had not been
// sent +CFUN=0 counts.
func (m *Modem) countReset() {
	if m.radio.mode() != ModePowerOff && m.cfg.Profile.ResetLimit > 0 {
		m.cfg.Retained.resets++
	}
	m.pauseRestriction()
}

// clearResets is what +CFUN=0 does, and 60 seconds without a reset.
func (m *Modem) clearResets() {
	m.cfg.Retained.resets = 0
	if m.loop.calm != nil {
		m.loop.calm()
		m.loop.calm = nil
	}
}

// startResetTimer begins the 60 seconds, when the modem has been initialised.
func (m *Modem) startResetTimer() {
	if m.cfg.Retained.resets > 0 && m.loop.calm == nil {
		m.loop.calm = m.after(resetCalm, m.clearResets)
	}
}

// extendResetTimer restarts them, once, at a registration.
func (m *Modem) extendResetTimer() {
	if m.loop.calm != nil && !m.loop.extended {
		m.loop.extended = true
		m.loop.calm()
		m.loop.calm = m.after(resetCalm, m.clearResets)
	}
}

// Restriction returns how much longer the reset loop restriction keeps the modem from
// attaching, in running time; zero if it does not.
func (m *Modem) Restriction() time.Duration {
	if l := &m.loop; !l.since.IsZero() {
		return max(l.left-time.Since(l.since), 0)
	}
	return m.loop.left
}

// restricted reports whether attaching is refused.
func (m *Modem) restricted() bool { return m.loop.left > 0 }

// startRestriction lets the time run while LTE is on.
func (m *Modem) startRestriction() {
	l := &m.loop
	if !m.restricted() || !m.radio.lte || !l.since.IsZero() {
		return
	}
	l.since = time.Now()
	m.notifyEvent("RESET LOOP", 1)
	m.setRegistration(statSearching, "the reset loop restriction: nothing is attached to") // fact settings/reset-loop-status
	l.stop = m.after(l.left, func() {
		m.endRestriction()
		if m.radio.lte {
			m.startSearch()
		}
	})
}

// pauseRestriction stops the time when LTE is switched off.
func (m *Modem) pauseRestriction() {
	l := &m.loop
	if l.since.IsZero() {
		return
	}
	l.stop()
	l.left = max(l.left-time.Since(l.since), time.Second)
	l.since = time.Time{}
	m.cfg.Retained.left = l.left
}

func (m *Modem) endRestriction() {
	if m.loop.stop != nil {
		m.loop.stop()
	}
	m.loop = resetLoop{calm: m.loop.calm, extended: m.loop.extended}
	m.cfg.Retained.left = 0
	m.set(restrictionEntry, "")
}

// keepRestriction puts what is left among the settings that are about to be
// stored.
func (m *Modem) keepRestriction() {
	if m.restricted() {
		m.set(restrictionEntry, strconv.Itoa(int(m.loop.left/time.Second)))
	}
}
