package modem

import (
	"fmt"
	"time"

	"nrf91emu/emulator/event"
)

// storeEvery is how often a running modem stores its settings by itself
// (section 3.3, documented: about every 48 hours).
const storeEvery = 48 * time.Hour

// settings are what the modem keeps in RAM and stores at +CFUN=0 and every 48
// hours. A loss of power before that loses what was changed.
type settings struct {
	systemMode systemMode
	changed    bool
	// attaches stands for what the network side stores even if the user changed
	// nothing (section 11.2, documented).
	attaches int
}

const settingsName = "settings"

// settingsFormat is how settings are written to NVM.
const settingsFormat = "%d,%d,%d,%d,%d;%d"

// loadSettings reads what was last stored, or the factory's values.
func (m *Modem) loadSettings() {
	m.settings = settings{systemMode: factorySystemMode}
	text, ok := m.cfg.Store.Setting(settingsName)
	if !ok {
		return
	}
	var lteM, nbIoT, gnss, preference, ntn, attaches int
	if n, err := fmt.Sscanf(string(text), settingsFormat, &lteM, &nbIoT, &gnss, &preference, &ntn, &attaches); n < 6 || err != nil {
		m.cfg.Log.Add(event.Event{NVM: &event.NVM{Cause: "boot", Error: true,
			Reason: fmt.Sprintf("the stored settings %q cannot be read; the factory's are used", text)}})
		return
	}
	m.settings.systemMode = systemMode{
		lteM: lteM == 1, nbIoT: nbIoT == 1, gnss: gnss == 1, preference: preference, ntn: ntn == 1,
	}
	m.settings.attaches = attaches
}

// saveSettings writes the settings to NVM. It is not told to the host if that
// fails: +CFUN=0 answers OK all the same (inferred); the record says so.
func (m *Modem) saveSettings(cause string) {
	e := event.NVM{ID: m.exchange, Cause: cause}
	if m.supply.warned {
		e.Error, e.Reason = true, "the power-off warning is active: nothing was stored"
	} else {
		before := m.flashCost()
		text := fmt.Appendf(nil, "%v;%d", m.settings.systemMode, m.settings.attaches)
		if err := m.cfg.Store.SaveSettings(map[string][]byte{settingsName: text}); err != nil {
			e.Error, e.Reason = true, err.Error()
		} else {
			m.settings.changed = false
		}
		e.Cost = m.flashCost().Since(before)
	}
	m.cfg.Log.Add(event.Event{NVM: &e})
}

func (m *Modem) startPeriodicSave() {
	m.after(storeEvery, func() {
		m.saveSettings("periodic")
		m.startPeriodicSave()
	})
}

// reportLostSettings records that the power went while settings were in RAM
// only.
func (m *Modem) reportLostSettings() {
	if m.settings.changed {
		m.cfg.Log.Add(event.Event{NVM: &event.NVM{Cause: "lost", Error: true,
			Reason: "settings were changed and the power went before +CFUN=0 had stored them"}})
	}
}
