package modem_test

import (
	"strings"
	"testing"
	"time"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

// What Nordic's libraries, samples and tools send is answered OK by a modem that is
// registered, or offline where that is needed; what is answered otherwise says so.
func TestCommandsOfSoftware(t *testing.T) {
	const online, offline = "AT+CFUN=1", "AT+CFUN=4"
	for _, c := range []struct{ software, mode, commands string }{
		{"sdk-nrf lib/modem_info", online, `AT+CESQ|AT%XCBAND|AT%XCBAND=?|AT+CEMODE?|AT+COPS?|AT+CEREG?|AT+CGDCONT?|AT%XSIM?|AT%XVBAT|AT%XTEMP?|AT+CGMR|AT+CRSM=176,12258,0,0,10` +
			`|AT%XSYSTEMMODE?|AT+CIMI|AT+CGSN|AT+CCLK?|AT%XCONNSTAT?|AT%XMONITOR|AT+CGSN=3|AT%XMODEMUUID|AT%HWVERSION|AT%CESQ=1|AT%CESQ=0|AT%XCONNSTAT=1|AT%XCONNSTAT=0|AT%CONEVAL`},
		{"sdk-nrf lib/lte_link_control", online, `AT+CFUN?|AT+CEREG=5|AT+CSCON=1|AT%XMODEMSLEEP=1,5000,1200000|AT%XMODEMSLEEP=0|AT%XT3412=1,5000,1200000|AT%XT3412=0|AT%MDMEV=2|AT%MDMEV=0` +
			`|AT+CPSMS=|AT+CPSMS=1|AT+CPSMS=1,"","","00000011","00100001"|AT+CPSMS=1,,,"10101111","01101100"|AT+CPSMS=1,,,"00000011"|AT+CPSMS=1,,,,"01001001"|AT+CPSMS=0|AT+CPSMS?` +
			`|AT%FEACONF=0,0,0|AT%FEACONF=0,0,1|AT%FEACONF=0,3,1|AT+CEDRXS=3|AT+CEDRXS=2,4,"0010"|AT+CEDRXS=2,5,"0010"|AT+CEDRXS=2,4|AT%XPTW=4,"0001"|AT%XPTW=5,"0001"|AT+CEDRXRDP` +
			`|AT%RAI=0|AT%RAI=1|AT%RAI=2|AT%REDMOB?|AT%REDMOB=0|AT%REDMOB=1|AT%REDMOB=2|AT+COPS=0|AT%CONEVAL|AT%NCELLMEAS|AT%NCELLMEASSTOP|AT%NCELLMEAS=1|AT%NCELLMEASSTOP|AT%NCELLMEAS=2|AT%NCELLMEASSTOP` +
			`|AT%NCELLMEAS=3,2|AT%NCELLMEASSTOP|AT%NCELLMEAS=4,15|AT%NCELLMEASSTOP|AT%NCELLMEAS=5,15|AT%NCELLMEASSTOP|AT%PERIODICSEARCHCONF=0,0,0,10,"0,60,3600,,600"|AT%PERIODICSEARCHCONF=1` +
			`|AT%PERIODICSEARCHCONF=3|AT%PERIODICSEARCHCONF=2|AT%PALL=0,1,"24201",3|AT%PALL=1|AT%PALL=2|AT%ENVEVALSTOP|AT+CMEE?|AT+CMEE=1|AT+CMEE=0`},
		{"sdk-nrf lib/lte_link_control, before the activation", offline, `AT%XSYSTEMMODE=1,1,1,3|AT%XSYSTEMMODE=1,0,1,0|AT%XBANDLOCK=2,"10000001000000001100"|AT%XBANDLOCK=0|AT%REL14FEAT=0,1,0,0,0` +
			`|AT%XFACTORYRESET=1|AT%XEPCO=1|AT%XEPCO=0|AT+CFUN=21|AT+CFUN=20|AT+CFUN=31|AT+CFUN=30|AT+CFUN=41|AT+CFUN=40|AT+CFUN=44|AT+CFUN=2|AT%ENVEVAL=2,"24201"|AT%ENVEVALSTOP|AT+CFUN=0`},
		{"sdk-nrf lib/pdn", online, `AT+CNEC=16|AT+CNEC=24|AT+CNEC?|AT+CGEREP=1|AT%XNEWCID?|AT+CGDCONT=1,IPV4V6|AT+CGDCONT=1,IPV4V6,my.apn|AT+CGDCONT=1,IPV4V6,my.apn,,,,0,,,,0,0|AT+CGAUTH=1,1,user,pass|AT+CGAUTH=1,0` +
			`|AT+CGACT=1,1|AT+CGACT?|AT%XGETPDNID=0|AT%XGETPDNID=1|AT+CGCONTRDP=0|AT+CGCONTRDP=1|AT+CGPADDR=0|AT+CGACT=0,1|AT+CGDCONT=1`},
		{"sdk-nrf lib/sms", online, `AT+CNMI?|AT+CNMI=3,2,0,1|AT+CRSM=176,28589,0,0,0|AT+CMMS=1|AT+CMMS=0|AT+CRSM=178,28482,1,4,0|AT+CMGF=0|` + submitMoi + `|AT+CNMI=0,0,0,0`},
		{"sdk-nrf lib/date_time, lib/modem_jwt, lib/modem_attest_token, lib/modem_battery, lib/modem_antenna", online,
			`AT+CCLK?|AT%XTIME=1|AT%XTIME=0|AT+CCLK="24/12/06,22:10:00+08"|AT%SHORTSWVER|AT%ATTESTTOKEN|AT%DEVICEUUID|AT%CMNG=1|AT%XVBATLVL=1|AT%XVBATLOWLVL=3400|AT%XPOFWARN=1,30|AT%XDATAPRFL=0|AT%XPDNCFG=1|AT+CGEQOSRDP=0` +
				`|AT%XCOEX0=1,1,1565,1586|AT%XMAGPIO=1,0,0,1,1,1574,1577|AT%XANTCFG=1`},
		{"pc-nrfconnect-cellularmonitor", online, `AT+CGMI|AT+CGMM|AT+CGSN=1|AT%XICCID|AT+CNUM|AT+CPIN?|AT+CPINR="SIM PIN"|AT%XSIM=1|AT%XDATAPRFL?|AT%XEMPR?|AT%NBRGRSRP|AT+CEER|AT+CIND=1,1,1|AT+CPAS|AT%COPS=?|AT+COPS=3,2|AT+CSCON?` +
			`|AT+CGEREP?|AT+CEDRXS=2,4, "0010","0011"|AT%XMODEMTRACE=1,2`},
		{"sdk-nrf samples/cellular/modem_shell, link", online, `AT+CGACT?|AT+CRSM=176,28539,0,0,12|AT%XBANDLOCK?|AT%XTEMP?`},
		{"nRFCloud/utils", offline, `AT%KEYGEN=52,2,0|AT%CMNG=1,52,2|AT%CMNG=3,52,2`},
	} {
		t.Run(strings.ReplaceAll(c.software, "/", " "), func(t *testing.T) {
			inBubble(t, "nrf9151-2.0.4", func(cfg *modem.Config) {
				n := cfg.Network
				n.AttachDelay, n.SearchTime, n.Number = 0, 0, "+47123456789"
				n.Neighbours = []network.Neighbour{{EARFCN: 6400, PhysicalCell: 247, RSRP: 52, RSRQ: 18}}
			}, func(b *bench) {
				b.send(c.mode)
				for command := range strings.SplitSeq(c.commands, "|") {
					b.wait(time.Millisecond)
					answer := b.answer(command)
					if !strings.HasPrefix(answer, "OK") && !strings.Contains(answer, "|OK") {
						t.Errorf("%s: %s", command, answer)
					}
				}
			})
		})
	}
}
