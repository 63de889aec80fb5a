package modem

import (
	"fmt"
	"time"

	"nrf91emu/atcmd"
)

// DefaultTemperature is that of a device on a desk, in degrees Celsius; free choice.
const DefaultTemperature = 27

// overheated is the temperature in degrees Celsius at which the modem switches its radio
// off (fact supply/xtemp-levels).
const overheated = 90

// Factory levels (facts supply/xtemp and supply/xvbat).
const (
	defaultHighTemperature = 55
	defaultLowBattery      = 3300
)

// The <level> of %XTEMP (fact supply/xtemp-levels).
const (
	temperatureNormal   = 1
	temperatureHigh     = 2
	temperatureCritical = 3
)

// measureEvery is how often a modem with a radio connection looks at temperature and
// supply (fact supply/measured).
const measureEvery = 60 * time.Second

// environment is what the modem measures, and the levels at which it tells. The
// zero value has the factory's levels: they are kept as differences.
type environment struct {
	degrees int16 // from DefaultTemperature
	heat    alarm // from defaultHighTemperature
	battery alarm // from defaultLowBattery

	measure func() // stops the next measurement
}

// alarm tells of a measured value that has come to a level.
type alarm struct {
	level  int16 // the difference to the factory's level
	tell   bool  // somebody has subscribed
	raised bool  // the value is beyond the level
}

var environmentCommands = map[string]*forms{
	// In steps of 4 mV (fact supply/xvbat).
	"%XVBAT": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Printf("%%XVBAT: %d", m.supply.millivolts/4*4)
		return nil
	}},
	"%XVBATLVL":     subscribe(batteryAlarm),
	"%XVBATLOWLVL":  setLevel(batteryAlarm, "%XVBATLOWLVL", 3100, 5000, "the level in millivolts"),
	"%XTEMP":        withRead(subscribe(heatAlarm), "%XTEMP", (*environment).temperature),
	"%XTEMPHIGHLVL": setLevel(heatAlarm, "%XTEMPHIGHLVL", 1, 85, "the level in degrees"),
}

// An alarmKind is what the commands of the two alarms differ in.
type alarmKind struct {
	of      func(*environment) *alarm
	factory int // its level
}

var (
	heatAlarm    = alarmKind{func(e *environment) *alarm { return &e.heat }, defaultHighTemperature}
	batteryAlarm = alarmKind{func(e *environment) *alarm { return &e.battery }, defaultLowBattery}
)

// level returns the level of an alarm in its unit.
func (k alarmKind) level(e *environment) int { return k.factory + int(k.of(e).level) }

// subscribe returns a command that switches an alarm on and off.
func subscribe(k alarmKind) *forms {
	return &forms{Set: takes(0, 1, "off or on", func(m *Modem, n int) {
		a := k.of(&m.environment)
		a.tell, a.raised = n == 1, false
	})}
}

// setLevel returns a command that sets and reads the level of an alarm.
func setLevel(k alarmKind, name string, lo, hi int, what string) *forms {
	return withRead(&forms{Set: takes(lo, hi, what, func(m *Modem, n int) {
		a := k.of(&m.environment)
		a.level, a.raised = int16(n-k.factory), false
	})}, name, k.level)
}

// withRead adds a read form that answers with a number.
func withRead(f *forms, name string, value func(*environment) int) *forms {
	f.Read = func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Printf("%s: %d", name, value(&m.environment))
		return nil
	}
	return f
}

func (e *environment) temperature() int { return DefaultTemperature + int(e.degrees) }

// SetTemperature changes the modem's temperature, in degrees Celsius from -40 to
// 125; what is beyond counts as the limit. A modem that gets too hot switches its radio
// off at once; levels are told when the modem measures (fact supply/measured).
func (m *Modem) SetTemperature(degrees int) {
	defer m.settleOutside()
	m.environment.degrees = int16(min(max(degrees, -40), 125) - DefaultTemperature)
	if m.Alive() {
		m.checkOverheated()
	}
}

// checkOverheated switches a modem off that is too hot (fact events/overheated).
func (m *Modem) checkOverheated() {
	if m.environment.temperature() >= overheated && (m.radio.active || m.radio.gnss) {
		m.environment.heat.raised = true
		m.tellTemperature(temperatureCritical)
		m.notifyPacketEvent("ME OVERHEATED")
		m.notifyEvent("ME OVERHEATED", 1)
		m.offlineNow()
	}
}

// startMeasuring looks at temperature and supply now and every minute while there is a
// radio connection.
func (m *Modem) startMeasuring() {
	if !m.conn.connected {
		return
	}
	e := &m.environment
	m.checkTemperature()
	m.checkBattery()
	e.measure = m.after(measureEvery, m.startMeasuring)
}

func (m *Modem) stopMeasuring() {
	if stop := m.environment.measure; stop != nil {
		m.environment.measure = nil
		stop()
	}
}

// checkTemperature tells of a temperature that has reached the high level or has
// left it.
func (m *Modem) checkTemperature() {
	a, high := &m.environment.heat, heatAlarm.level(&m.environment)
	switch t := m.environment.temperature(); {
	case t >= high && !a.raised:
		a.raised = true
		m.tellTemperature(temperatureHigh)
	case t < high && a.raised:
		a.raised = false
		m.tellTemperature(temperatureNormal)
	}
}

func (m *Modem) tellTemperature(what int) {
	if m.environment.heat.tell {
		m.notify(fmt.Appendf(nil, "%%XTEMP: %d,%d", what, m.environment.temperature()))
	}
}

// checkBattery tells once that the supply is below the low level. What is out of the
// range of the line stands as 0 (fact supply/xvbatlowlvl-told).
func (m *Modem) checkBattery() {
	a := &m.environment.battery
	low := m.supply.millivolts < batteryAlarm.level(&m.environment)
	if low && !a.raised && a.tell {
		v := m.supply.millivolts / 4 * 4
		if v < 3000 || v > 5000 {
			v = 0
		}
		m.notify(fmt.Appendf(nil, "%%XVBATLOWLVL: %d", v))
	}
	a.raised = low
}
