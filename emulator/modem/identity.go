package modem

import (
	"fmt"

	"nrf91emu/atcmd"
)

// Identity is what tells one modem from another.
type Identity struct {
	// IMEI is 15 digits, the last one a check digit. It may be empty: an nRF91x1
	// without one answers ERROR to AT+CGSN (section 5, documented).
	IMEI string
	// SoftwareVersion is the two digits that end an IMEISV.
	SoftwareVersion string
	// IMSI is the subscriber's number on the SIM, up to 15 digits.
	IMSI string
}

// NewIdentity returns the identity of the n-th modem (from 0) of a profile. The
// IMSI's network, 242 01, and the digits after it are free choices.
func NewIdentity(p *Profile, n int) Identity {
	serial := fmt.Sprintf("%s%06d", p.Chip.TypeAllocation, (36787+n)%1_000_000)
	return Identity{
		IMEI:            serial + string(checkDigit(serial)),
		SoftwareVersion: fmt.Sprintf("%02d", p.Firmware.Major*10+p.Firmware.Minor),
		IMSI:            fmt.Sprintf("24201%010d", 813630037+n),
	}
}

// checkDigit returns the Luhn digit of an IMEI's first 14 digits
// (3GPP TS 23.003 annex B).
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return '0' + byte((10-sum%10)%10)
}

// CheckIMEI returns an error that says what is wrong with an IMEI.
func CheckIMEI(imei string) error {
	if len(imei) != 15 {
		return fmt.Errorf("an IMEI has 15 digits, %q has %d characters", imei, len(imei))
	}
	for _, c := range imei {
		if c < '0' || c > '9' {
			return fmt.Errorf("an IMEI has digits only, not %q", c)
		}
	}
	if want := checkDigit(imei[:14]); imei[14] != want {
		return fmt.Errorf("the check digit of IMEI %s must be %c", imei, want)
	}
	return nil
}

var identityCommands = map[string]*forms{
	"+CGMI": {Bare: atcmd.Text[*Modem]("Nordic Semiconductor ASA")},
	"+CGMM": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line(m.cfg.Profile.Chip.Model)
		return nil
	}},
	"+CGMR": {Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Line(m.cfg.Profile.Revision)
		return nil
	}},
	"+CGSN": {
		Bare: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error { return m.serialNumber(w, 0) },
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			snt, ok := cmd.Int(0, 0, 3)
			if !ok || len(cmd.Args) != 1 {
				return atcmd.Errorf("+CGSN takes a number from 0 to 3")
			}
			return m.serialNumber(w, int(snt))
		},
		Test: atcmd.Text[*Modem]("+CGSN: (0-3)"),
	},
}

// serialNumber answers +CGSN: bare digits for 0, prefix and quotes for the
// others (section 5, documented).
func (m *Modem) serialNumber(w *atcmd.Response, snt int) error {
	id := &m.cfg.Identity
	if id.IMEI == "" {
		return atcmd.Errorf("this modem has no IMEI")
	}
	switch snt {
	case 0:
		w.Line(id.IMEI)
	case 1:
		w.Printf("+CGSN: %q", id.IMEI)
	case 2:
		w.Printf("+CGSN: %q", id.IMEI[:14]+id.SoftwareVersion)
	case 3:
		w.Printf("+CGSN: %q", id.SoftwareVersion)
	}
	return nil
}
