package modem

import (
	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// DefaultSupply is the voltage of a device on a desk, in millivolts: in the
// guide's own range for %XVBAT (fact supply/xvbat), free choice within it.
const DefaultSupply = 3700

// supply is the modem's supply voltage and the power-off warning on it.
type supply struct {
	millivolts int
	level      int  // of the armed warning in millivolts, 0 if it is off
	warned     bool // the warning has fired: nothing is written to NVM
}

var supplyCommands = map[string]*forms{
	"%XPOFWARN": {Set: (*Modem).setPowerWarning},
}

// setPowerWarning is AT%XPOFWARN=<0|1>[,<30|31|32|33>] (fact supply/xpofwarn).
// Its page lists no codes.
func (m *Modem) setPowerWarning(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	var level int
	on := args.Bool("off or on")
	if on {
		level = args.Int(30, 33, "a voltage in tenths of a volt")
	} else {
		args.Skip()
	}
	if err := args.End(); err != nil {
		return err
	}
	m.supply.level = level * 100
	if !on {
		return nil
	}
	m.supply.warned = false
	m.checkSupply()
	return nil
}

// SetSupply changes the supply voltage, in millivolts.
func (m *Modem) SetSupply(millivolts int) {
	m.supply.millivolts = millivolts
	if m.Alive() {
		m.checkSupply()
		m.settleOutside()
	}
}

func (m *Modem) startSupply() {
	m.supply.level = m.cfg.Profile.PowerWarningOn
	m.checkSupply()
}

// checkSupply fires the warning: once, at once, and the modem goes to flight
// mode by itself (fact events/power-warning-order). There is no line of the command's own: what tells
// is %MDMEV and +CGEV (fact supply/xpofwarn-line).
func (m *Modem) checkSupply() {
	s := &m.supply
	if s.level == 0 || s.millivolts >= s.level {
		return
	}
	s.level, s.warned = 0, true
	m.cfg.Log.Add(event.Event{Power: &event.Power{
		Action: event.PowerWarning, Reason: "the supply fell below the level of %XPOFWARN: nothing is stored until it has recovered and +CFUN=1 was sent",
	}})
	m.soon = append(m.soon, func() {
		m.notifyPacketEvent("ME BATTERY LOW")
		m.notifyEvent("ME BATTERY LOW", 1)
	})
	m.offlineNow()
}

// supplyRecovered ends the warning's effect when +CFUN=1 is sent with the supply
// back (fact supply/xpofwarn). The level is 3000 mV
// whatever was armed.
func (m *Modem) supplyRecovered() {
	if m.supply.warned && m.supply.millivolts > 3000 {
		m.supply.warned = false
	}
}

// powerWarning returns why a command is refused while the power-off warning is active
// (fact cmng/power-warning).
func (m *Modem) powerWarning() error {
	if m.supply.warned && m.cfg.Profile.PowerWarning {
		return atcmd.CME(event.CMEPowerWarning, "the power-off warning is active (%d mV)", m.supply.millivolts)
	}
	return nil
}

// mayStore returns why NVM cannot be written now: 518 while the modem is active,
// 528 while the power-off warning is, in this order (fact cmng/order-of-checks).
func (m *Modem) mayStore() error {
	switch {
	case m.radio.active:
		return atcmd.CME(event.CMEActiveState, "credentials cannot be changed while the modem is active (+CFUN: %d): send AT+CFUN=4 first", m.radio.mode())
	case m.supply.warned && m.cfg.Profile.PowerWarning:
		return atcmd.CME(event.CMEPowerWarning, "the power-off warning is active (%d mV): nothing is written to NVM", m.supply.millivolts)
	}
	return nil
}
