package modem_test

import (
	"testing"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

func TestCardFiles(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.Number, c.Network.ServiceCentre = "+47123456789", "+358447983402"
	})
	steps{
		"AT+CNUM", "ERROR", "AT+CFUN=41", "OK", "AT+CNUM", `+CNUM: ,"+47123456789",145|OK`, "AT+CNUM?", "ERROR",
		"AT+CRSM=176,28589,0,0,0", `+CRSM: 144,0,"00FFFF02"|OK`, // as the SMS library asks
		"AT+CRSM=178,28480,1,4,0", `+CRSM: 144,0,"FFFFFFFFFFFFFFFFFFFFFFFFFFFF07917421436587F9FFFFFFFFFFFF"|OK`,
		"AT+CRSM=178,28482,1,4,0", `+CRSM: 144,0,"FFFFFFFFFFFFFFFFFFFFFFFFFFFFE1FFFFFFFFFFFFFFFFFFFFFFFF0791534874894320FFFFFFFF0000A7"|OK`,
		"AT+CRSM=178,28482,2,4,0", `+CRSM: 106,131|OK`, "AT+CRSM=176,28482,0,0,0", `+CRSM: 105,129|OK`, "AT+CRSM=176,28478,0,0,0", `+CRSM: 144,0,"FFFFFFFF"|OK`,
		"AT+CRSM=192,28589", `+CRSM: 144,0,"620C8202412183026FAD80020004"|OK`, "AT+CRSM=242", "+CRSM: 144,0|OK", "AT+CRSM=192,1", `+CRSM: 106,130|OK`,
		"AT+CRSM=176,28589,0,9,0", `+CRSM: 107,0|OK`, "AT+CRSM=203,28589", `+CRSM: 109,0|OK`, `AT+CRSM=214,28589,0,0,1,"00"`, `+CRSM: 105,130|OK`,
	}.run(t, send)
	_, send = start(t, "nrf9160-1.3.7", nil)
	steps{"AT+CFUN=41", "OK", "AT+CNUM", "ERROR", "AT+CMEE=1", "OK"}.run(t, send)
	_, send = start(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.SIM = network.SIMAbsent })
	steps{"AT+CFUN=41", "OK", "AT+CMEE=1", "OK", "AT+CNUM", "+CME ERROR: 13", `AT+CSIM=10,"0070000001"`, "+CME ERROR: 13", `AT+CCHO="A0000000871002"`, "+CME ERROR: 13"}.run(t, send)
}

func TestCardCommands(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.PIN = "1234" })
	const pin, wrong = "31323334FFFFFFFF", "30303030FFFFFFFF"
	steps{
		`AT+CSIM=10,"0070000001"`, "ERROR", "AT+CFUN=41", "OK", "AT+CMEE=1", "OK", `AT+CSIM=10,"0020000100"`, `+CSIM: 4,"63C3"|OK`, `AT+CSIM=26,"0020000108` + wrong + `"`, `+CSIM: 4,"63C2"|OK`,
		"AT+CIMI", "+CME ERROR: 11", `AT+CSIM=26,"0020000108` + pin + `"`, `+CSIM: 4,"9000"|OK`, "AT+CPIN?", "+CPIN: READY|OK",
		`AT+CSIM=10,"0070000001"`, `+CSIM: 6,"019000"|OK`, `AT+CSIM=10,"0070800100"`, `+CSIM: 4,"9000"|OK`, `AT+CSIM=10,"0070800100"`, `+CSIM: 4,"6A86"|OK`,
		`AT+CSIM=10,"80F2000C00"`, `+CSIM: 4,"9000"|OK`, `AT+CSIM=14,"00A40004022FE2"`, "+CME ERROR: 3", `AT+CSIM=10,"00C2000000"`, `+CSIM: 4,"6D00"|OK`, `AT+CSIM=10,"40F2000000"`, `+CSIM: 4,"6E00"|OK`,
		`AT+CSIM=9,"0070000001"`, "+CME ERROR: 0", `AT+CSIM=10,"007000000G"`, "+CME ERROR: 0", `AT+CSIM=6,"007000"`, "+CME ERROR: 0",
		`AT+CCHO="A0000000871004FF49FF0589"`, "+CCHO: 1|OK", `AT+CGLA=1,10,"80F2000100"`, `+CGLA: 32,"840CA0000000871004FF49FF05899000"|OK`, // the guide's example, on another channel
		`AT+CGLA=1,14,"00A40004022FE2"`, `+CGLA: 32,"620C8202412183022FE28002000A9000"|OK`, `AT+CGLA=1,10,"00B000000A"`, `+CGLA: 24,"987410003054769810F19000"|OK`,
	}.run(t, send)
	steps{
		`AT+CGLA=2,10,"80F2000100"`, "+CME ERROR: 0", "AT+CCHC=2", "+CME ERROR: 0", "AT+CCHC=1", "OK", `AT+CCHO="D276000085"`, "+CME ERROR: 0",
		`AT+CCHO="A0000000871002"`, "+CCHO: 1|OK", `AT+CCHO="A0000000871002"`, "+CCHO: 2|OK", `AT+CCHO="A0000000871002"`, "+CCHO: 3|OK", `AT+CCHO="A0000000871002"`, "+CME ERROR: 0",
		`AT+CGLA=3,10,"00D6000001"`, `+CGLA: 4,"6982"|OK`, `AT+CGLA=3,10,"0088000000"`, `+CGLA: 4,"6D00"|OK`, `AT+CGLA=3,14,"00A40004021234"`, `+CGLA: 4,"6A82"|OK`, `AT+CGLA=3,10,"00B0000001"`, `+CGLA: 4,"6A82"|OK`,
		// PIN 1 is blocked by three wrong ones.
		`AT+CSIM=26,"0020000108` + wrong + `"`, `+CSIM: 4,"63C2"|OK`, `AT+CSIM=26,"0020000108` + wrong + `"`, `+CSIM: 4,"63C1"|OK`, `AT+CSIM=26,"0020000108` + wrong + `"`, `+CSIM: 4,"6983"|OK`,
		"AT+CPIN?", `+CPIN: "SIM PUK"|OK`, `AT+CSIM=42,"002C000110` + "3132333435363738" + pin + `"`, `+CSIM: 4,"9000"|OK`, "AT+CPIN?", "+CPIN: READY|OK",
		// The new PIN stands behind the old one or the PUK; without it nothing is changed.
		`AT+CSIM=26,"0024000108` + pin + `"`, `+CSIM: 4,"6700"|OK`, `AT+CSIM=26,"002C000108` + "3132333435363738" + `"`, `+CSIM: 4,"6700"|OK`, `AT+CSIM=10,"002C000100"`, `+CSIM: 4,"63CA"|OK`,
		`AT+CSIM=26,"0026000108` + pin + `"`, `+CSIM: 4,"9000"|OK`,
	}.run(t, send)
}
