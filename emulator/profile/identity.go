package profile

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"nrf91emu/emulator/lazyregexp"
)

// Identity is what tells one modem from another.
type Identity struct {
	// IMEI is 15 digits, the last one a check digit. It may be empty: an nRF91x1
	// without one answers ERROR to AT+CGSN (fact identity/no-imei).
	IMEI string
	// SoftwareVersion is the two digits that end an IMEISV.
	SoftwareVersion string
	// IMSI is the subscriber's number on the SIM, up to 15 digits.
	IMSI string
	// ICCID is the number of the SIM as %XICCID has it: 20 characters, filled up
	// with F.
	ICCID string
	// DeviceUUID and ModemUUID are the UUIDs of the device and of the modem
	// firmware: 36 characters, digits in lower case (fact identity/xmodemuuid).
	DeviceUUID, ModemUUID string
	// Random is where the modem takes the random numbers of its keys and tokens from; nil is
	// the system's.
	Random io.Reader
}

// NewIdentity returns the identity of the n-th modem (from 0) of a profile. The
// IMSI's network, 242 01, and the digits after it are free choices.
func NewIdentity(p *Profile, n int) Identity {
	serial := fmt.Sprintf("%s%06d", p.Chip.TypeAllocation, (36787+n)%1_000_000)
	// 89, country, issuer and account (ITU-T E.118): 19 digits with the check
	// digit, as in the guide's example.
	account := fmt.Sprintf("894701%012d", 345678901+n)
	return Identity{
		IMEI:            serial + string(checkDigit(serial)),
		SoftwareVersion: fmt.Sprintf("%02d", p.Firmware.Major*10+p.Firmware.Minor),
		IMSI:            fmt.Sprintf("24201%010d", 813630037+n),
		ICCID:           account + string(luhn(account, 1)) + "F",
		DeviceUUID:      newUUID("device "+serial, true),
		ModemUUID:       newUUID("firmware "+p.Revision, false),
	}
}

// newUUID returns a UUID of version 4 made of a seed. Those of devices begin with
// 0x50 and five letters or digits in ASCII (fact identity/device-uuid-shape).
func newUUID(seed string, device bool) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := sha256.Sum256([]byte("nrf91emu " + seed))
	if device {
		b[0] = 'P'
		for i := 1; i < 6; i++ {
			b[i] = letters[int(b[i])%len(letters)]
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// checkDigit returns the Luhn digit of an IMEI's first 14 digits
// (3GPP TS 23.003 annex B).
func checkDigit(digits string) byte { return luhn(digits, 1) }

// luhn returns the Luhn digit for digits, where those whose index has the given
// parity count twice.
func luhn(digits string, parity int) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[i] - '0')
		if i%2 == parity {
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

// CheckUUID returns an error that says what is wrong with a UUID in its text
// form, 8-4-4-4-12 hexadecimal digits.
func CheckUUID(uuid string) error {
	if !uuidShape().MatchString(uuid) {
		return fmt.Errorf("%q is not a UUID: write 8-4-4-4-12 hexadecimal digits, as in 504d5632-3739-42fb-80c8-1411df972166", uuid)
	}
	return nil
}

var uuidShape = lazyregexp.New(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// PadICCID returns the number of a SIM as %XICCID shows it: 20 characters, filled
// up with F. The error says what is wrong with the number.
func PadICCID(number string) (string, error) {
	digits := strings.TrimRight(number, "Ff")
	if len(digits) < 18 || len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
		return "", fmt.Errorf("an ICCID has 18 to 20 digits, which %q has not", number)
	}
	return (digits + "FF")[:20], nil
}

// HomePLMN returns the SIM's own network. Its code is taken to have two digits, as
// everywhere outside North America (free choice: the card would say).
func (id *Identity) HomePLMN() string {
	if len(id.IMSI) < 5 {
		return "00101"
	}
	return id.IMSI[:5]
}
