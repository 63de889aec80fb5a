package modem

import (
	"fmt"
	"strconv"
	"time"

	"nrf91emu/atcmd"
)

// location is where a modem with satellite firmware has been told to be. Without it
// the modem does not look for a satellite (fact registration/ntn-location).
type location struct {
	subscribed bool
	known      bool
	until      time.Time // zero: for ever
}

func (l *location) valid() bool {
	return l.known && (l.until.IsZero() || time.Now().Before(l.until))
}

// locationAccuracy is the accuracy that the modem asks for, in metres: one of those in
// the unit tests of Nordic's library.
const locationAccuracy = 200

var locationCommands = map[string]*forms{"%LOCATION": {Set: (*Modem).setLocation}}

// setLocation is AT%LOCATION=<0|1> and AT%LOCATION=2[,"<latitude>","<longitude>",
// "<altitude>",<accuracy>,<validity>] (fact registration/ntn-location).
func (m *Modem) setLocation(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	mode := args.Int(0, 2, "0 or 1 to subscribe, 2 to tell")
	if mode < 2 || args.Len() == 0 {
		if err := args.End(); err != nil {
			return err
		}
		if mode == 2 {
			m.location.known = false
		} else {
			m.location.subscribed = mode == 1
		}
		return nil
	}
	for _, c := range []struct {
		what  string
		limit float64
	}{{"the latitude", 90}, {"the longitude", 180}, {"the altitude", 100_000}} {
		text := args.Text(20, c.what)
		if v, err := strconv.ParseFloat(string(text), 64); args.Err() == nil && (err != nil || v < -c.limit || v > c.limit) {
			args.Fail("%s is a decimal number from -%g to %g, not %q", c.what, c.limit, c.limit, text)
		}
	}
	args.Int(0, 1_000_000, "the accuracy in metres")
	seconds := args.Int(0, 1<<31-1, "how many seconds it is valid, 0 for ever")
	if err := args.End(); err != nil {
		return err
	}
	waits := m.radio.lte && m.settings.systemMode.ntn && !m.location.valid()
	m.location.known, m.location.until = true, time.Time{}
	if seconds > 0 {
		m.location.until = time.Now().Add(time.Duration(seconds) * time.Second)
	}
	if waits {
		m.startSearch()
	}
	return nil
}

// requestLocation asks for the location, with the status unknown meanwhile.
func (m *Modem) requestLocation() {
	m.setRegistration(statUnknown, "the modem does not know where it is: AT%LOCATION=2 tells it")
	if m.location.subscribed {
		m.notify(fmt.Appendf(nil, "%%LOCATION: %d", locationAccuracy))
	}
}
