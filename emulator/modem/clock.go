package modem

import (
	"fmt"
	"strconv"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem/card"
)

// clock is the modem's clock: a difference to the host's clock, once the network
// or the host has set it.
type clock struct {
	set    bool
	offset time.Duration
	zone   int // quarters of an hour east of UTC, summer time included
	dst    int // hours of summer time in it
	tell   bool
	// started is when the modem was switched on.
	started time.Time
}

var clockSettings = map[string]string{"%XNETTIME": "1"} // fact clock/xnettime

var clockCommands = map[string]*forms{
	"+CCLK": {
		Set:  func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error { return m.setClock(cmd, false) },
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error { return m.readClock(w, false) },
	},
	"%CCLK": {
		Set:  func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error { return m.setClock(cmd, true) },
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error { return m.readClock(w, true) },
	},
	"%XTIME": subscribes(1, "off or on", func(m *Modem, n int) { m.clock.tell = n == 1 }, forms{}),
}

// Now returns the modem's clock in UTC; ok is false as long as neither the
// network nor the host has set it.
func (m *Modem) Now() (now time.Time, ok bool) {
	return time.Now().Add(m.clock.offset).UTC(), m.clock.set
}

const clockLayout = "06/01/02,15:04:05"

// readClock answers with local time. Before the time is known the guide of 2020
// has ERROR, and a user of mfw 1.3 the first of February 2015 (fact clock/unknown).
func (m *Modem) readClock(w *atcmd.Response, summer bool) error {
	c := &m.clock
	name, text := "+CCLK", ""
	now, ok := m.Now()
	switch {
	case ok:
		text = now.Add(time.Duration(c.zone)*15*time.Minute).Format(clockLayout) + fmt.Sprintf("%+03d", c.zone)
	case m.cfg.Profile.DefaultClock:
		text = time.Date(2015, 2, 1, 0, 0, 0, 0, time.UTC).Add(time.Since(c.started)).Format(clockLayout)
	default:
		return atcmd.Errorf("the time is not known yet: the network tells it after the registration")
	}
	text = strconv.Quote(text)
	if summer {
		name = "%CCLK"
		text += "," + strconv.Itoa(c.dst)
	}
	w.Line(name + ": " + text)
	return nil
}

// setClock is AT+CCLK="yy/MM/dd,hh:mm:ss±zz" and AT%CCLK, which takes the hours
// of summer time too.
func (m *Modem) setClock(cmd *atcmd.Command, summer bool) error {
	args := atcmd.ReadArgs(cmd)
	text := args.Text(len(clockLayout)+3, "a time such as 26/01/31,12:00:00+04")
	var dst int
	if summer {
		dst = args.Int(0, 2, "the hours of summer time")
	}
	if err := args.End(); err != nil {
		return err
	}
	if len(text) < len(clockLayout)+2 {
		return atcmd.Errorf("%q is not a time with a zone", text)
	}
	at, err := time.Parse(clockLayout, string(text[:len(clockLayout)]))
	zoneText := string(text[len(clockLayout):])
	zone, err2 := strconv.Atoi(zoneText)
	if err != nil || err2 != nil || len(zoneText) != 3 || zoneText[0] != '+' && zoneText[0] != '-' || zone < -96 || zone > 96 {
		return atcmd.Errorf(`%q is not a time of the form "yy/MM/dd,hh:mm:ss+zz"`, text)
	}
	c := &m.clock
	if summer {
		c.dst = dst
	}
	c.zone, c.set = zone, true
	c.offset = time.Until(at.Add(-time.Duration(zone) * 15 * time.Minute))
	return nil
}

// networkTime is what the network tells after the registration (%XTIME). The
// modem's clock follows it as long as %XNETTIME is 1.
func (m *Modem) networkTime() {
	n, c := m.cfg.Network, &m.clock
	if n.NoTime {
		return
	}
	now := time.Now().UTC()
	if !n.Time.IsZero() {
		now = n.Time.Add(time.Since(c.started)).UTC()
	}
	if m.setting("%XNETTIME") == "1" {
		c.offset, c.zone, c.dst, c.set = time.Until(now), n.Zone, n.DST, true
	}
	if c.tell {
		m.notify(fmt.Appendf(nil, "%%XTIME: \"%s\",\"%s%s\",\"%02d\"",
			swapZone(n.Zone), card.SwapDigits(now.Format("060102150405")), swapZone(n.Zone), n.DST))
	}
}

// swapZone writes a time zone as in the NITZ message: two digits swapped, with
// the sign in the bit of value 8 of the first one sent (3GPP TS 23.040 9.2.3.11).
func swapZone(quarters int) string {
	negative := quarters < 0
	if negative {
		quarters = -quarters
	}
	low, high := quarters%10, quarters/10
	if negative {
		high |= 8
	}
	return fmt.Sprintf("%X%X", low, high)
}
