package modem

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore/flash"
)

// storeEvery is how often a running modem stores its settings by itself
// (fact cfun/stores).
const storeEvery = 48 * time.Hour

// factorySettings are the settings that the modem keeps in RAM and stores at
// +CFUN=0 and every 48 hours, with their factory values. A loss of power before
// that loses what was changed. Each has the name of its command and is kept as
// the text of the command's parameters. Each family of commands has those of its own.
//
// Which settings are stored: fact settings/stored. Factory
// values without a source are free choices.
var factorySettings = make(map[string]string)

func init() {
	for _, family := range []map[string]string{
		systemModeSettings, operatorSettings, powerSavingSettings, bandSettings, clockSettings, resetLoopSettings, storedSettings, pinoutSettings,
	} {
		maps.Copy(factorySettings, family)
	}
}

// settings are the values that differ from the factory's.
type settings struct {
	values     map[string]string // nil while there are none
	systemMode systemMode        // what %XSYSTEMMODE holds
	changed    bool
	// countryTimer says that storing %XCOUNTRYDATA is planned.
	countryTimer bool
}

// setting returns the value of a setting.
func (m *Modem) setting(name string) string {
	if v, ok := m.settings.values[name]; ok {
		return v
	}
	return factorySettings[name]
}

// set changes a setting in RAM.
func (m *Modem) set(name, value string) {
	if m.setting(name) == value {
		return
	}
	m.settings.changed = true
	if value == factorySettings[name] {
		delete(m.settings.values, name)
		return
	}
	if m.settings.values == nil {
		m.settings.values = make(map[string]string)
	}
	m.settings.values[name] = value
}

// loadSettings reads what was last stored, or the factory's values.
func (m *Modem) loadSettings() {
	m.settings = settings{}
	for name := range factorySettings {
		if v, ok := m.cfg.Store.Setting(name); ok {
			m.set(name, string(v))
		}
	}
	m.settings.changed = false
	var ok bool
	if m.settings.systemMode, ok = parseSystemMode(m.setting("%XSYSTEMMODE")); !ok {
		m.cfg.Log.Add(event.Event{NVM: &event.NVM{Cause: event.NVMBoot, Error: true,
			Reason: fmt.Sprintf("the stored system mode %q cannot be read; the factory's is used", m.setting("%XSYSTEMMODE"))}})
		m.settings.systemMode = factorySystemMode
	}
}

// saveSettings writes the settings to NVM, changed or not, since the modem does
// so too (fact cfun/stores). It is not told to the host if that fails:
// +CFUN=0 answers OK all the same (fact cfun/store-failure); the record says so. The only error
// is ErrPowerLost, after which there is nobody to answer.
func (m *Modem) saveSettings(cause event.NVMCause) (err error) {
	e := event.NVM{ID: m.exchange, Cause: cause}
	if m.supply.warned {
		e.Error, e.Reason = true, "the power-off warning is active: nothing was stored"
	} else {
		before := m.flashCost()
		changes := make(map[string][]byte, len(factorySettings))
		for name := range factorySettings {
			changes[name] = nil
			if v, ok := m.settings.values[name]; ok {
				changes[name] = []byte(v)
			}
		}
		switch saveErr := m.cfg.Store.SaveSettings(changes); {
		case saveErr == nil:
			m.settings.changed = false
		case errors.Is(saveErr, flash.ErrPowerCut):
			err = ErrPowerLost
			fallthrough
		default:
			e.Error, e.Reason = true, saveErr.Error()
		}
		e.Cost = m.flashCost().Since(before)
	}
	m.cfg.Log.Add(event.Event{NVM: &e})
	return err
}

func (m *Modem) startPeriodicSave() {
	m.after(storeEvery, func() {
		if m.saveSettings(event.NVMPeriodic) == nil {
			m.startPeriodicSave()
		}
	})
}

// reportLostSettings records that the power went while settings were in RAM
// only.
func (m *Modem) reportLostSettings() {
	if m.settings.changed {
		m.cfg.Log.Add(event.Event{NVM: &event.NVM{Cause: event.NVMLost, Error: true,
			Reason: "settings were changed and the power went before +CFUN=0 had stored them"}})
	}
}
