package modem_test

import (
	"net/netip"
	"testing"
	"time"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

// The recorded session of fact registration/attach-lte-m: mfw 1.3.2, LTE-M, roaming.
func TestRecordedSequenceLTEM(t *testing.T) {
	inBubble(t, "nrf9160-1.3.2", func(c *modem.Config) {
		n := c.Network
		n.Roaming, n.TrackingArea, n.Cell = true, 0x0901, 0x02024720
		n.Time = time.Date(2022, 10, 6, 12, 22, 53, 0, time.UTC)
		n.Zone, n.DST = 8, 1
	}, func(b *bench) {
		b.run("AT+CEREG=5", "OK", "AT+CEREG?", "+CEREG: 5,4|OK", "AT+CSCON=1", "OK", "AT%MDMEV=1", "OK", "AT%CESQ=1", "OK",
			"AT+CGEREP=1", "OK", "AT+CNEC=24", "OK", "AT+CIND=1,1,1", "OK", "AT%XTIME=1", "OK",
			"AT+CGDCONT?", `+CGDCONT: 0,"","","",0,0|OK`)
		b.send("AT+CFUN=1")
		b.expect("OK")
		b.wait(500 * time.Millisecond)
		b.expect(`%CESQ: 52,2,4,0`, `+CEREG: 2,"0901","02024720",7`)
		b.run("AT+CEREG?", `+CEREG: 5,2,"0901","02024720",7|OK`)
		b.wait(1500 * time.Millisecond)
		b.expect(
			`%CESQ: 56,2,17,2`,
			`+CSCON: 1`,
			`+CGEV: ME PDN ACT 0,0`,
			`+CNEC_ESM: 50,0`,
			`%MDMEV: SEARCH STATUS 2`,
			`+CEREG: 5,"0901","02024720",7,,,"11100000","11100000"`,
			`+CIND: "service",1`,
			`+CIND: "roam",1`,
			`%XTIME: "80","22016021225580","01"`,
		)
	})
}

// The recorded session of fact registration/attach-nb-iot: mfw 1.3.2, NB-IoT,
// roaming, with a power saving mode that the network grants.
func TestRecordedSequenceNBIoT(t *testing.T) {
	inBubble(t, "nrf9160-1.3.2", func(c *modem.Config) {
		n := c.Network
		n.Operator.PLMN, n.Roaming, n.AttachCause, n.PhysicalCell = "23003", true, 18, 135
		n.IPv4 = netip.MustParseAddr("172.28.0.139")
		c.Identity.IMSI, c.Identity.ICCID = "901288910017273", "89882390000262826558"
	}, func(b *bench) {
		b.run("AT+CFUN=0", "OK", "AT%XPOFWARN=1,30", "OK", "AT%XTEMPHIGHLVL=70", "OK", "AT%XTEMP=1", "OK",
			"AT%XSYSTEMMODE=0,1,1,0", "OK", "AT%XDATAPRFL=0", "OK", "AT%XBANDLOCK=0", "OK",
			"AT%XSIM=1", "OK", "AT%XNETTIME=1", "OK", "AT%MDMEV=1", "OK", "AT%REL14FEAT=1,1,1,1,0", "OK", "AT%RAI=1", "OK",
			`AT+CPSMS=1,,,"00111000","00000000"`, "OK", "AT+CEPPI=1", "OK", "AT+CEREG=5", "OK", "AT+CGEREP=1", "OK", "AT+CMEE=1", "OK",
			"AT+CNEC=24", "OK", "AT%XCOEX0=1,1,1565,1586", "OK", "AT+CSCON=1", "OK", `AT+COPS=1,2,"23003"`, "OK",
			`AT+CGDCONT=0,"IP","hardwario"`, "OK", "AT+CGAUTH=0,0", "OK", "AT%XMODEMSLEEP=1,500,10240", "OK|%XMODEMSLEEP: 4")
		b.take()
		b.send("AT+CFUN=1")
		b.expect(`%XMODEMSLEEP: 4,0`, `OK`, `+CEREG: 0`)
		b.wait(time.Second)
		b.expect(`+CEREG: 2,"B4DC","000AE520",9`, `%XSIM: 1`)
		b.run("AT+CIMI", "901288910017273|OK", "AT%XICCID", "%XICCID: 89882390000262826558|OK",
			"AT+CRSM=176,28539,0,0,12", `+CRSM: 144,0,"FFFFFFFFFFFFFFFFFFFFFFFF"|OK`,
			"AT+CRSM=176,12258,0,0,10", `+CRSM: 144,0,"98883209002026285685"|OK`)
		b.wait(time.Second)
		b.expect(
			`+CSCON: 1`,
			`+CGEV: ME PDN ACT 0`,
			`%MDMEV: SEARCH STATUS 2`,
			`+CEREG: 5,"B4DC","000AE520",9,0,18,"00000000","00111000"`,
		)
		b.run("AT+COPS?", `+COPS: 1,2,"23003",9|OK`,
			"AT+CEREG?", `+CEREG: 5,5,"B4DC","000AE520",9,0,18,"00000000","00111000"|OK`,
			"AT%XCBAND", "%XCBAND: 20|OK", "AT+CGATT?", "+CGATT: 1|OK", "AT+CGACT?", "+CGACT: 0,1|OK",
			"AT+CGDCONT?", `+CGDCONT: 0,"IP","hardwario","172.28.0.139",0,0|OK`)

		// Into the power saving mode and out of it again.
		b.wait(network.DefaultReleaseAfter)
		b.expect(`+CSCON: 0`, `%XMODEMSLEEP: 1,86399999`)
		b.do(func() { b.m.Traffic(11, 0) })
		b.expect(`%XMODEMSLEEP: 1,0`, `%MDMEV: SEARCH STATUS 2`, `+CSCON: 1`)

		b.send("AT+CFUN=4")
		b.expect(
			`OK`,
			`+CGEV: ME PDN DEACT 0`,
			`+CEREG: 0`,
			`+CGEV: ME DETACH`,
			`+CSCON: 0`,
			`%XSIM: 0`,
			`%XMODEMSLEEP: 4`,
		)
		b.wait(time.Hour)
		b.expect()
		b.send("AT+CFUN=1")
		b.expect(`%XMODEMSLEEP: 4,0`, `OK`)
	})
}
