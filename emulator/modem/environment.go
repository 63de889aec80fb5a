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
	degrees     int16 // from DefaultTemperature
	highLevel   int16 // from defaultHighTemperature
	tellDegrees bool
	hot         bool

	lowLevel    int16 // from defaultLowBattery
	tellBattery bool
	low         bool

	measure func() // stops the next measurement
}

var environmentCommands = map[string]*forms{
	// In steps of 4 mV (fact supply/xvbat).
	"%XVBAT": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Printf("%%XVBAT: %d", m.supply.millivolts/4*4)
		return nil
	}},
	"%XVBATLVL": {Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		v, ok := cmd.Int(0, 0, 1)
		if !ok || len(cmd.Args) != 1 {
			return atcmd.Errorf("%%XVBATLVL takes 0 or 1")
		}
		m.environment.tellBattery, m.environment.low = v == 1, false
		return nil
	}},
	"%XVBATLOWLVL": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			v, ok := cmd.Int(0, 3100, 5000)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("%%XVBATLOWLVL takes 3100 to 5000 millivolts")
			}
			m.environment.lowLevel, m.environment.low = int16(v-defaultLowBattery), false
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("%%XVBATLOWLVL: %d", m.environment.battery())
			return nil
		},
	},
	"%XTEMP": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			v, ok := cmd.Int(0, 0, 1)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("%%XTEMP takes 0 or 1")
			}
			m.environment.tellDegrees, m.environment.hot = v == 1, false
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("%%XTEMP: %d", m.environment.temperature())
			return nil
		},
	},
	"%XTEMPHIGHLVL": {
		Set: func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
			v, ok := cmd.Int(0, 1, 85)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("%%XTEMPHIGHLVL takes 1 to 85 degrees")
			}
			m.environment.highLevel, m.environment.hot = int16(v-defaultHighTemperature), false
			return nil
		},
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("%%XTEMPHIGHLVL: %d", m.environment.high())
			return nil
		},
	},
}

func (e *environment) temperature() int { return DefaultTemperature + int(e.degrees) }
func (e *environment) high() int        { return defaultHighTemperature + int(e.highLevel) }
func (e *environment) battery() int     { return defaultLowBattery + int(e.lowLevel) }

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
		m.environment.hot = true
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
	e := &m.environment
	switch t := e.temperature(); {
	case t >= e.high() && !e.hot:
		e.hot = true
		m.tellTemperature(temperatureHigh)
	case t < e.high() && e.hot:
		e.hot = false
		m.tellTemperature(temperatureNormal)
	}
}

func (m *Modem) tellTemperature(what int) {
	if m.environment.tellDegrees {
		m.notify(fmt.Appendf(nil, "%%XTEMP: %d,%d", what, m.environment.temperature()))
	}
}

// checkBattery tells once that the supply is below the low level. What is out of the
// range of the line stands as 0 (fact supply/xvbatlowlvl-told).
func (m *Modem) checkBattery() {
	e := &m.environment
	low := m.supply.millivolts < e.battery()
	if low && !e.low && e.tellBattery {
		v := m.supply.millivolts / 4 * 4
		if v < 3000 || v > 5000 {
			v = 0
		}
		m.notify(fmt.Appendf(nil, "%%XVBATLOWLVL: %d", v))
	}
	e.low = low
}
