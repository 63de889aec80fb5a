package modem

import (
	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

var factoryResetCommands = map[string]*forms{
	"%XFACTORYRESET": {Set: (*Modem).factoryReset},
}

// factoryReset is AT%XFACTORYRESET=<0|1>, with the modem not activated (fact
// settings/factory-reset). 0 erases credentials too, but not the
// modem's own (fact settings/factory-reset-credentials).
func (m *Modem) factoryReset(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	v := args.Int(0, 1, "0 for all data of the modem or 1 for the user's settings")
	if err := args.End(); err != nil {
		return err
	}
	switch mode := m.radio.mode(); {
	case mode != ModePowerOff && mode != ModeOffline && mode != ModeOfflineUICCOn:
		return atcmd.CME(event.CMEActiveState, "a factory reset is allowed only with the modem offline: send AT+CFUN=4 first")
	case m.supply.warned && m.cfg.Profile.PowerWarning:
		return atcmd.CME(event.CMEPowerWarning, "the power-off warning is active (%d mV)", m.supply.millivolts)
	}
	e := event.NVM{ID: m.exchange, Cause: event.NVMFactoryReset}
	before := m.flashCost()
	held := m.cfg.Store.Len()
	err := m.cfg.Store.FactoryReset(v == 0)
	e.Cost = m.flashCost().Since(before)
	if err != nil {
		e.Error, e.Reason = true, err.Error()
		m.cfg.Log.Add(event.Event{NVM: &e})
		return storeError(err)
	}
	m.cfg.Log.Add(event.Event{NVM: &e})
	if v == 0 {
		m.cfg.Log.Add(event.Event{Credential: &event.Credential{ID: m.exchange, Op: event.CredentialErase, Found: held}})
		m.clearResets()
		m.endRestriction()
	}
	m.loadSettings()
	m.contexts, m.edrx, m.bands = contexts{}, edrx{}, bands{}
	return nil
}
