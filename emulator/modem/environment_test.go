package modem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
)

func TestBattery(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XVBAT", "%XVBAT: 3700|OK", "AT%XVBAT?", "ERROR", "AT%XVBATLOWLVL?", "%XVBATLOWLVL: 3300|OK", "AT%XVBATLOWLVL=3500", "OK",
			"AT%XVBATLOWLVL?", "%XVBATLOWLVL: 3500|OK", "AT%XVBATLOWLVL=3099", "ERROR", "AT%XVBATLOWLVL=5001", "ERROR",
			"AT%XVBATLVL=2", "ERROR", "AT%XVBATLVL=1", "OK", "AT%XVBATLVL?", "ERROR")
		b.do(func() { b.m.SetSupply(3400) })
		b.wait(2 * time.Minute)
		b.expect() // no radio connection
		b.do(func() { b.m.SetSupply(3501) })
		b.run("AT+CFUN=1", "OK")
		b.wait(2 * time.Second)
		for _, c := range []struct {
			mv   int
			want []string
		}{
			{3501, nil}, {3498, []string{"%XVBATLOWLVL: 3496"}}, {3400, nil}, {3600, nil}, {3499, []string{"%XVBATLOWLVL: 3496"}},
			{3600, nil}, {2999, []string{"%XVBATLOWLVL: 0"}},
		} {
			b.do(func() {
				b.m.SetSupply(c.mv)
				b.m.Traffic(1, 0)
			})
			for range 10 { // the connection stays
				b.wait(6 * time.Second)
				b.do(func() { b.m.Traffic(1, 0) })
			}
			b.expect(c.want...)
		}
		b.run("AT%XVBATLVL=0", "OK", "AT%XVBAT", "%XVBAT: 2996|OK")
	})
}

func TestBatteryEmpty(t *testing.T) {
	inBubble(t, "nrf9151-2.0.4", nil, func(b *bench) {
		b.run("AT+CGEREP=1", "OK", "AT%MDMEV=1", "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "OK|+CGEV: EXCE STATUS 0")
		b.wait(2 * time.Second)
		b.take()
		b.do(func() { b.m.SetSupply(2900) })
		b.expect("+CGEV: ME BATTERY LOW", "%MDMEV: ME BATTERY LOW", "+CEREG: 0", "+CGEV: ME DETACH")
		b.run("AT+CFUN?", "+CFUN: 4|OK", "AT%XFACTORYRESET=0", "ERROR")
		b.do(func() { b.m.SetSupply(3600) })
		b.run("AT+CFUN=1", "OK|+CGEV: EXCE STATUS 0")
		b.wait(2 * time.Second)
		require.True(t, b.m.Online())
	})
}

func TestTemperature(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XTEMP?", "%XTEMP: 27|OK", "AT%XTEMP=2", "ERROR", "AT%XTEMPHIGHLVL?", "%XTEMPHIGHLVL: 55|OK", "AT%XTEMPHIGHLVL=0", "ERROR", "AT%XTEMPHIGHLVL=86", "ERROR",
			"AT%XTEMP=1", "OK", "AT+CGEREP=1", "OK", "AT%MDMEV=1", "OK", "AT+CEREG=1", "OK")
		b.do(func() { b.m.SetTemperature(55) })
		b.wait(2 * time.Minute)
		b.expect() // no radio connection
		b.run("AT+CFUN=1", "OK")
		b.wait(2 * time.Second)
		b.expect("+CEREG: 2", "%XTEMP: 2,55", "+CGEV: ME PDN ACT 0,0", "%MDMEV: SEARCH STATUS 2", "+CEREG: 1")
		b.do(func() { b.m.SetTemperature(54) })
		b.wait(20 * time.Second)
		b.do(func() { b.m.Traffic(1, 0) })
		b.expect("%XTEMP: 1,54")
		b.run("AT%XTEMPHIGHLVL=50", "OK", "AT%XTEMP?", "%XTEMP: 54|OK")
		b.wait(20 * time.Second)
		b.do(func() { b.m.Traffic(1, 0) })
		b.expect("%XTEMP: 2,54")
		b.do(func() { b.m.SetTemperature(89) })
		b.expect()
		b.do(func() { b.m.SetTemperature(200) })
		b.expect("%XTEMP: 3,125", "+CGEV: ME OVERHEATED", "%MDMEV: ME OVERHEATED", "+CGEV: ME PDN DEACT 0", "+CEREG: 0", "+CGEV: ME DETACH")
		b.run("AT+CFUN?", "+CFUN: 4|OK")
	})
}

func TestAcceptedSettings(t *testing.T) {
	_, send := start(t, "nrf9151-2.0.4", nil)
	steps{
		"AT%XDATAPRFL?", "%XDATAPRFL: 2|OK", "AT%XDATAPRFL=4", "OK", "AT%XDATAPRFL?", "%XDATAPRFL: 4|OK", "AT%XDATAPRFL=5", "ERROR",
		"AT%RAI=2", "OK", "AT%RAI?", "%RAI: 2|OK", "AT%RAI=3", "ERROR", "AT%REDMOB=2", "OK", "AT%REDMOB=3", "ERROR",
		"AT%FEACONF=0,0,0", "OK", "AT%FEACONF=0,3,1", "OK", "AT%FEACONF=0,3", "ERROR", "AT%FEACONF=5,3,1", "ERROR",
		"AT%XEPCO=1", "OK", "AT%XEPCO=2", "ERROR", "AT%XMODEMTRACE=1,2", "OK", "AT%XMODEMTRACE=", "ERROR",
		"AT%XMAGPIO=1,0,0,1,1,1574,1577", "OK", "AT%XMAGPIO?", "%XMAGPIO: 1,0,0,1,1,1574,1577|OK",
		"AT%XCOEX0=1,1,1565,1586", "OK", "AT%XCOEX0?", "%XCOEX0: 1,1,1565,1586|OK", "AT%XNETTIME?", "%XNETTIME: 1|OK",
		"AT+CEMODE?", "+CEMODE: 2|OK", "AT+CEMODE=0", "OK", "AT+CEMODE?", "+CEMODE: 0|OK", "AT+CEMODE=1", "ERROR", "AT+CEMODE=?", "+CEMODE: (0,2)|OK",
		"AT+CEPPI=1", "OK", "AT+CEPPI=2", "ERROR", "AT%XPDNCFG?", "%XPDNCFG: 0|OK", "AT%XPDNCFG=1", "OK", "AT%XPDNCFG?", "%XPDNCFG: 1|OK", "AT%UICCPOWERSAVE=3", "OK", "AT+CPAS", "+CPAS: 0|OK",
		"AT+CMEE=1", "OK", "AT%REL14FEAT?", "%REL14FEAT: 0,0,0,0,0|OK", "AT%REL14FEAT=1, 1,1,1,0", "OK", "AT%REL14FEAT?", "%REL14FEAT: 1,1,1,1,0|OK",
		"AT%REL14FEAT=1,1,1,1", "+CME ERROR: 0", "AT%REL14FEAT=1,1,1,1,2", "+CME ERROR: 0", "AT+CFUN=1", `OK|%RAI: "000AE520","24201",1,0`,
		"AT%REL14FEAT=0,0,0,0,0", "+CME ERROR: 518", "AT%XBANDLOCK=0", "+CME ERROR: 518", "AT%XFACTORYRESET=1", "+CME ERROR: 518",
	}.run(t, send)
}

func TestBandLock(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.AttachDelay = 0 }, func(b *bench) {
		const zeros = "00000000000000000000000000000000000000000000000000000000000000000000"
		b.run("AT%XBANDLOCK?", `%XBANDLOCK: "",""|OK`, `AT%XBANDLOCK=1,"10000000000000000000"`, "OK",
			"AT%XBANDLOCK?", `%XBANDLOCK: "`+zeros+`10000000000000000000",""|OK`,
			`AT%XBANDLOCK=2,"1"`, "ERROR", `AT%XBANDLOCK=2,"0"`, "ERROR", `AT%XBANDLOCK=2,"2"`, "ERROR", `AT%XBANDLOCK=2`, "ERROR", `AT%XBANDLOCK=3`, "ERROR",
			`AT%XBANDLOCK=2,"10000000000000000001"`, "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "OK|+CEREG: 2|+CEREG: 1",
			"AT+CFUN=0", "OK|+CEREG: 0")
		b.cut()
		b.run("AT%XBANDLOCK?", `%XBANDLOCK: "`+zeros+`10000000000000000000",""|OK`, "AT%XBANDLOCK=0", "OK",
			`AT%XBANDLOCK=2,"1"`, "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "OK|+CEREG: 2|+CEREG: 4", "AT+CEREG?", "+CEREG: 1,4|OK")
	})
}

func TestEventSubscriptions(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.3.7": {"AT%MDMEV=1", "OK", "AT%MDMEV=2", "ERROR", "AT%MDMEV?", "ERROR", "AT%RAI=1", "OK", "AT%RAI=2", "ERROR", "AT%FEACONF=0,0,0", "ERROR"},
		"nrf9161-2.0.0": {"AT%MDMEV=2", "OK", "AT%MDMEV=3", "ERROR", "AT%RAI=2", "ERROR"},
		"nrf9160-1.2.7": {"AT+CMEE=1", "OK", "AT%MDMEV=1", "+CME ERROR: 0", "AT%XMODEMSLEEP=0", "+CME ERROR: 0", "AT%CONEVAL", "+CME ERROR: 0",
			"AT%XFACTORYRESET=0", "+CME ERROR: 0", "AT%REL14FEAT=0,0,0,0,0", "+CME ERROR: 0", "AT%RAI=0", "+CME ERROR: 0", "AT+CSCON=1", "OK"},
		"nrf9151-2.0.4": {
			"AT+CNEC?", "+CNEC: 0|OK", "AT+CNEC=24", "OK", "AT+CNEC?", "+CNEC: 24|OK", "AT+CNEC=", "OK", "AT+CNEC?", "+CNEC: 0|OK",
			"AT+CNEC=4", "ERROR", "AT+CNEC=?", "+CNEC: (0,8,16,24)|OK", "AT+CNEC", "OK",
			"AT+CIND=1,1,1", "OK", "AT+CIND=2", "ERROR", "AT+CIND=1,1,1,1", "ERROR", "AT+CIND=,0", "OK", "AT+CIND?", "+CIND: 0,0,0|OK",
			"AT+CIND=?", `+CIND: ("service",(0,1)),("roam",(0,1)),("message",(0,1))|OK`, "AT+CEER?", "ERROR", "AT+CEER=?", "ERROR",
			"AT+CESQ=?", "+CESQ: (99),(99),(255),(255),(0-34,255),(0-97,255)|OK", "AT%CESQ=2", "ERROR", "AT%CESQ?", "ERROR", "AT+CSQ", "+CSQ: 99,99|OK",
			"AT%XCBAND=?", "%XCBAND: (1,2,3,4,5,8,12,13,18,19,20,25,26,28,66)|OK",
		},
	} {
		t.Run(profile, func(t *testing.T) {
			_, send := start(t, profile, nil)
			s.run(t, send)
		})
	}
}
