package modem_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

func TestSIM(t *testing.T) {
	for _, c := range []struct {
		sim   network.SIM
		steps steps
	}{
		{network.SIMPresent, steps{
			"AT%XSIM?", "%XSIM: 0|OK", "AT+CPIN?", "ERROR", "AT+CIMI", "ERROR",
			"AT+CFUN=41", "OK", "AT%XSIM?", "%XSIM: 1|OK", "AT+CPIN?", "+CPIN: READY|OK", "AT+CPIN", "+CPIN: READY|OK",
			"AT+CIMI", "242010813630037|OK", "AT+CIMI?", "ERROR", `AT+CPIN="1234"`, "ERROR",
			"AT%XSIM=2", "ERROR", "AT%XSIM=?", "ERROR", "AT+CFUN=40", "OK", "AT%XSIM?", "%XSIM: 0|OK",
		}},
		{network.SIMAbsent, steps{
			"AT+CMEE=1", "OK", "AT%XSIM=1", "OK", "AT+CEREG=1", "OK",
			"AT+CFUN=1", "OK|+CEREG: 90|%XSIM: 0,9", "AT+CPIN?", "+CME ERROR: 13", "AT+CIMI", "+CME ERROR: 13",
			"AT%XSIM?", "%XSIM: 0,9|OK",
		}},
		{network.SIMFailed, steps{"AT+CFUN=1", "ERROR", "AT+CFUN?", "+CFUN: 0|OK", "AT+CFUN=31", "OK"}},
	} {
		_, send := start(t, "nrf9160-1.3.7", func(cfg *modem.Config) { cfg.Network.SIM = c.sim })
		c.steps.run(t, send)
	}
}

func TestPIN(t *testing.T) {
	retained := new(modem.Retained)
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.PIN, c.Network.PUK, c.Network.AttachDelay = "4711", "87654321", 0
		c.Retained = retained
	}, func(b *bench) {
		b.run("AT+CMEE=1", "OK", "AT%XSIM=1", "OK", "AT+CEREG=1", "OK", `AT+CPINR="SIM PIN"`, "+CME ERROR: 0",
			"AT+CFUN=1", "OK|+CEREG: 2|%XSIM: 0,1", "AT%XSIM?", "%XSIM: 0,1|OK", "AT+CPIN?", `+CPIN: "SIM PIN"|OK`,
			"AT+CIMI", "+CME ERROR: 11", "AT%XICCID", "+CME ERROR: 11", "AT+CRSM=176,12258,0,0,10", "+CME ERROR: 11",
			`AT+CPINR="SIM PIN"`, `+CPINR: "SIM PIN",3|OK`, `AT+CPIN="0000"`, "+CME ERROR: 16", `AT+CPINR="SIM PIN"`, `+CPINR: "SIM PIN",2|OK`,
			`AT+CPIN="4711"`, "OK|%XSIM: 1|+CEREG: 1", "AT+CPIN?", "+CPIN: READY|OK", `AT+CPINR="SIM PIN"`, `+CPINR: "SIM PIN",3|OK`,
			`AT+CPIN="4711"`, "+CME ERROR: 0", `AT+CPWD="SC","4711","12345"`, "OK", `AT+CLCK="SC",2`, "+CME ERROR: 0",
			"AT+CFUN=4", "OK|+CEREG: 0|%XSIM: 0", "AT+CFUN=41", "OK|%XSIM: 0,1",
			`AT+CPIN="4711"`, "+CME ERROR: 16", `AT+CPIN="4711"`, "+CME ERROR: 16")
		b.cut() // the card counts on without power
		b.run("AT+CMEE=1", "OK", "AT%XSIM=1", "OK", "AT+CFUN=41", "OK|%XSIM: 0,1", `AT+CPIN="4711"`, "+CME ERROR: 16|%XSIM: 0,3",
			"AT+CPIN?", `+CPIN: "SIM PUK"|OK`, `AT+CPIN="12345"`, "+CME ERROR: 12", `AT+CPIN="1","12"`, "+CME ERROR: 12", "AT+CIMI", "+CME ERROR: 12",
			`AT+CPIN="00000000","1111"`, "+CME ERROR: 16", `AT+CPINR="SIM PUK"`, `+CPINR: "SIM PUK",9|OK`,
			`AT+CPIN="87654321","2222"`, "OK|%XSIM: 1", `AT+CPINR="SIM PUK"`, `+CPINR: "SIM PUK",10|OK`,
			`AT+CLCK="SC",0,"0000"`, "+CME ERROR: 16", `AT+CLCK="SC",0`, "+CME ERROR: 0", `AT+CLCK="SC",0,"2222"`, "OK",
			`AT+CPWD="SC","2222","3333"`, "+CME ERROR: 0", // not in use
			"AT+CFUN=40", "OK|%XSIM: 0", "AT+CFUN=41", "OK|%XSIM: 1", `AT+CLCK="SC",1,"2222"`, "OK",
			"AT+CFUN=40", "OK|%XSIM: 0", "AT+CFUN=41", "OK|%XSIM: 0,1", `AT+CPIN="0"`, "+CME ERROR: 16", `AT+CPIN="0"`, "+CME ERROR: 16", `AT+CPIN="0"`, "+CME ERROR: 16|%XSIM: 0,3")
		for range 9 {
			b.run(`AT+CPIN="0","1111"`, "+CME ERROR: 16")
		}
		b.run(`AT+CPIN="0","1111"`, "+CME ERROR: 16|%XSIM: 0,5", "AT+CPIN?", "+CME ERROR: 13", "AT+CIMI", "+CME ERROR: 13")
	})
}

func TestSIMCommandForms(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Identity.IMSI, c.Identity.ICCID = "204080813630037", "8901234567012345678F"
	})
	steps{
		"AT%XICCID", "ERROR", "AT+CLCK=\"SC\",2", "ERROR", "AT+CFUN=41", "OK",
		"AT%XICCID", "%XICCID: 8901234567012345678F|OK", "AT%XICCID?", "ERROR",
		"AT+CRSM=176,12258,0,0,10", `+CRSM: 144,0,"981032547610325476F8"|OK`, "AT+CRSM=176,12258,0,2,2", `+CRSM: 144,0,"3254"|OK`,
		"AT+CRSM=176,28423,0,0,9", `+CRSM: 144,0,"082940808031360073"|OK`,
		"AT+CRSM=176,1,0,0,10", `+CRSM: 106,130|OK`, "AT+CRSM=176,12258,0,0,11", `+CRSM: 108,10|OK`, "AT+CRSM=214,12258,0,0,10", `+CRSM: 105,130|OK`,
		"AT+CRSM=176", `+CRSM: 106,130|OK`, "AT+CRSM=176,12258,0,0,256", "ERROR",
		`AT+CPINR="SIM PIN2"`, `+CPINR: "SIM PIN2",3|OK`, `AT+CPINR="SIM PUK2"`, `+CPINR: "SIM PUK2",10|OK`, `AT+CPINR="SIM*"`, "ERROR", "AT+CPINR=", "ERROR",
		`AT+CLCK="PN",2`, "+CLCK: 0|OK", `AT+CLCK="PN",0,"1"`, "OK", `AT+CLCK="PN",1,"1"`, "ERROR", `AT+CLCK="XX",2`, "ERROR", `AT+CLCK="SC",3`, "ERROR",
		"AT+CPWD=?", `+CPWD: ("SC",8),("P2",8)|OK`, `AT+CPWD="P2","1234","5678"`, "ERROR",
		`AT+CPWD="SC","1234"`, "ERROR", `AT+CPWD="SC","1234","12"`, "ERROR", `AT+CPWD="XX","1234","1234"`, "ERROR", "AT+CPIN=1234", "ERROR",
		"AT%XPOFWARN=1,30", "OK",
	}.run(t, send)
	m.SetSupply(2900)
	require.Equal(t, "OK", send("AT+CFUN=41")[:2])
	steps{"AT+CMEE=1", "OK", `AT+CLCK="SC",1,"1234"`, "+CME ERROR: 528"}.run(t, send)
}
