package card

import (
	"strings"

	"nrf91emu/emulator/profile"
)

// The elementary files that can be read.
const (
	fileICCID = 12258 // 2FE2
	fileIMSI  = 28423 // 6F07
	fileFPLMN = 28539 // 6F7B
)

// File returns the content of an elementary file in hexadecimal digits; ok is false if
// there is no such file.
func File(number int, id *profile.Identity) (content string, ok bool) {
	switch number {
	case fileICCID:
		return SwapDigits(id.ICCID), true
	case fileIMSI:
		return imsiFile(id.IMSI), true
	case fileFPLMN:
		return "FFFFFFFFFFFFFFFFFFFFFFFF", true // fact sim/forbidden-networks
	}
	return "", false
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
