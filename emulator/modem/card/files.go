package card

import (
	"fmt"
	"strings"
)

// Subscriber is what the operator has written to the card.
type Subscriber struct {
	IMSI, ICCID string
	// Number is the telephone number and ServiceCentre that of the service centre for short
	// messages; a plus sign in front says that it is international. Empty means that the
	// card has none.
	Number, ServiceCentre string
}

// The elementary files (3GPP TS 31.102, and TS 51.011 for the ICCID).
const (
	fileICCID  = 0x2fe2
	fileIMSI   = 0x6f07
	fileGID1   = 0x6f3e
	fileMSISDN = 0x6f40
	fileSMSP   = 0x6f42
	fileSPN    = 0x6f46
	fileFPLMN  = 0x6f7b
	fileAD     = 0x6fad
)

// A File is an elementary file.
type File struct {
	// Content is in hexadecimal digits: of a file with records that of its one record.
	Content string
	// Records says that it has records of a fixed length.
	Records bool
}

// Lookup returns an elementary file; ok is false if there is no such file.
func (s *Subscriber) Lookup(number int) (f File, ok bool) {
	switch number {
	case fileICCID:
		return File{Content: SwapDigits(s.ICCID)}, true
	case fileIMSI:
		return File{Content: imsiFile(s.IMSI)}, true
	case fileFPLMN:
		return File{Content: strings.Repeat("FF", 12)}, true // fact sim/forbidden-networks
	case fileAD:
		// The last octet is the length of the network code (fact sim/files).
		return File{Content: "00FFFF02"}, true
	case fileGID1:
		return File{Content: "FFFFFFFF"}, true
	case fileSPN:
		return File{Content: "00" + strings.Repeat("FF", 16)}, true
	case fileMSISDN:
		return File{strings.Repeat("FF", noAlpha) + dialling(s.Number, 10) + "FFFF", true}, true
	case fileSMSP:
		// The indicators: no destination, and the service centre if there is one.
		indicators := "E1"
		if s.ServiceCentre == "" {
			indicators = "E3"
		}
		return File{strings.Repeat("FF", noAlpha) + indicators + strings.Repeat("FF", 12) + dialling(s.ServiceCentre, 10) + "0000A7", true}, true
	}
	return File{}, false
}

// noAlpha is the length of an alpha identifier that is not used; free choice.
const noAlpha = 14

// dialling returns a number as it stands in files: its length, its type, and the digits
// swapped in n octets.
func dialling(number string, n int) string {
	if number == "" {
		return strings.Repeat("FF", n+2)
	}
	kind := "81"
	digits, international := strings.CutPrefix(number, "+")
	if international {
		kind = "91"
	}
	if len(digits)%2 == 1 {
		digits += "F"
	}
	swapped := SwapDigits(digits)
	return fmt.Sprintf("%02X%s%s%s", 1+len(swapped)/2, kind, swapped, strings.Repeat("FF", n-len(swapped)/2))
}

// imsiFile returns EF_IMSI: a length, the parity and the digits swapped
// (3GPP TS 31.102 4.2.2).
func imsiFile(imsi string) string {
	parity := "1"
	if len(imsi)%2 == 1 {
		parity = "9"
	}
	digits := parity + imsi
	if len(digits)%2 == 1 {
		digits += "F"
	}
	for len(digits) < 16 {
		digits += "F"
	}
	return "08" + SwapDigits(digits)
}

// SwapDigits swaps each pair of digits, as numbers stand on the card and in the time
// of the network.
func SwapDigits(s string) string {
	var b strings.Builder
	for i := 0; i+1 < len(s); i += 2 {
		b.WriteByte(s[i+1])
		b.WriteByte(s[i])
	}
	return b.String()
}
