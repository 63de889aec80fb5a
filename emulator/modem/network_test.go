package modem_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
)

// Before, while and after the modem is registered, no answer contradicts another.
func TestNetworkAnswers(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.Operator = network.Operator{PLMN: "24201", Name: "Telenor", ShortName: "TN"}
		c.Network.PhysicalCell = 7
	}, func(b *bench) {
		offline := []string{
			"AT+COPS?", "+COPS: 0|OK", "AT+CGATT?", "+CGATT: 0|OK", "AT+CGACT?", "+CGACT: 0,0|OK",
			"AT+CGPADDR", "OK", "AT+CGPADDR=0", "OK", "AT+CGCONTRDP=0", "OK", "AT+CIND?", "+CIND: 0,0,0|OK",
			"AT%XGETPDNID=0", "ERROR", "AT+CESQ", "+CESQ: 99,99,255,255,255,255|OK", "AT%XSNRSQ?", "%XSNRSQ: 127,255,255|OK",
			"AT%XCBAND", "%XCBAND: 0|OK", "AT%CONEVAL", "%CONEVAL: 1|OK", "AT+CEDRXRDP", "+CEDRXRDP: 0|OK", "AT+COPS=?", "ERROR",
			"AT+CSCON?", "+CSCON: 0,0|OK", "AT+CGATT=1", "ERROR", "AT+CGACT=1,1", "ERROR",
		}
		b.run(append(offline, "AT%XMONITOR", "%XMONITOR: 4|OK", "AT+CFUN=1", "OK")...)
		b.wait(time.Second)
		b.run("AT%XMONITOR", "%XMONITOR: 2|OK", "AT+COPS?", "+COPS: 0|OK", "AT%CONEVAL", "%CONEVAL: 6|OK",
			"AT+CESQ", "+CESQ: 99,99,255,255,4,52|OK", "AT%XCBAND", "%XCBAND: 20|OK")
		b.wait(time.Second)
		require.True(t, b.m.Online())
		b.run(
			"AT+COPS?", `+COPS: 0,2,"24201",7|OK`, "AT+COPS=3,0", "OK", "AT+COPS?", `+COPS: 0,0,"Telenor",7|OK`,
			"AT+COPS=3,1", "OK", "AT+COPS?", `+COPS: 0,1,"TN",7|OK`, "AT+COPS=3,2", "OK",
			"AT+CGATT?", "+CGATT: 1|OK", "AT+CGACT?", "+CGACT: 0,1|OK",
			"AT+CGPADDR", `+CGPADDR: 0,"10.160.148.98"|OK`, "AT+CGPADDR=0", `+CGPADDR: 0,"10.160.148.98"|OK`, "AT+CGPADDR=1", "OK",
			"AT+CGDCONT?", `+CGDCONT: 0,"IP","internet","10.160.148.98",0,0|OK`,
			"AT+CGCONTRDP=0", `+CGCONTRDP: 0,,"internet","","","10.0.0.1","10.0.0.2",,,,,1280|OK`,
			"AT%XGETPDNID=0", "%XGETPDNID: 0|OK", "AT+CIND?", "+CIND: 1,0,0|OK",
			"AT+CESQ", "+CESQ: 99,99,255,255,17,56|OK", "AT%XSNRSQ?", "%XSNRSQ: 39,168,0|OK",
			"AT%XMONITOR", `%XMONITOR: 1,"Telenor","TN","24201","B4DC",7,20,"000AE520",7,6400,56,39,"","11100000","11100000","01001001"|OK`,
			"AT%CONEVAL", `%CONEVAL: 0,1,7,56,17,39,"000AE520","24201",7,6400,20,0,0,-8,2,1,107|OK`,
			"AT+CSCON?", "+CSCON: 0,1|OK", "AT+CSCON=3", "OK", "AT+CSCON?", "+CSCON: 3,1,7,4|OK",
			"AT+COPS=?", "ERROR", "AT+CMEE=1", "OK", "AT+COPS=?", "+CME ERROR: 516",
		)
		b.wait(network.DefaultReleaseAfter)
		b.expect("+CSCON: 0,7,4")
		b.run("AT+CSCON?", "+CSCON: 3,0,7,4|OK", "AT+CMEE=0", "OK", "AT+CFUN=4", "OK")
		b.run(append(offline[:len(offline)-6], "AT%XMONITOR", "%XMONITOR: 0|OK")...)
	})
}

func TestAddresses(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("2001:db8::5")
	for _, c := range []struct {
		name    string
		v4, v6  netip.Addr
		typ     string
		notices string
		read    []string
	}{
		{"both for both", v4, v6, "IPV4V6", "+CGEV: ME PDN ACT 0", []string{
			"AT+CGPADDR=0", `+CGPADDR: 0,"10.0.0.5","2001:0db8:0000:0000:0000:0000:0000:0005"|OK`,
			"AT+CGDCONT?", `+CGDCONT: 0,"IPV4V6","a","10.0.0.5 2001:0db8:0000:0000:0000:0000:0000:0005",0,0|OK`,
			"AT+CGCONTRDP", `+CGCONTRDP: 0,,"a","","","10.0.0.1","10.0.0.2",,,,,1280|+CGCONTRDP: 0,,"a","","","","",,,,,1280|OK`,
		}},
		{"IPv4 for both", v4, netip.Addr{}, "IPV4V6", "+CGEV: ME PDN ACT 0,0|+CNEC_ESM: 50,0", []string{"AT+CGPADDR=0", `+CGPADDR: 0,"10.0.0.5"|OK`}},
		{"IPv6 for both", netip.Addr{}, v6, "IPV4V6", "+CGEV: ME PDN ACT 0,1|+CNEC_ESM: 51,0", []string{
			"AT+CGPADDR=0", `+CGPADDR: 0,"2001:0db8:0000:0000:0000:0000:0000:0005"|OK`,
			"AT+CGDCONT?", `+CGDCONT: 0,"IPV6","a","2001:0db8:0000:0000:0000:0000:0000:0005",0,0|OK`,
		}},
		{"IPv4", v4, v6, "IP", "+CGEV: ME PDN ACT 0", []string{"AT+CGPADDR=0", `+CGPADDR: 0,"10.0.0.5"|OK`}},
		{"IPv6 that is not there", v4, netip.Addr{}, "IPV6", "+CNEC_ESM: 28,0", []string{"AT+CGPADDR=0", "OK", "AT+CEER", `+CEER: "ESM 28"|OK`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, "nrf9160-1.3.7", func(cfg *modem.Config) {
				cfg.Network.IPv4, cfg.Network.IPv6 = c.v4, c.v6
			}, func(b *bench) {
				b.send("AT+CGEREP=1", "AT+CNEC=24", "AT+CGDCONT=0,"+c.typ+",a", "AT+CFUN=1")
				b.take()
				b.wait(2 * time.Second)
				require.Equal(t, c.notices, strings.ReplaceAll(b.take(), "\n", "|"))
				b.run(c.read...)
			})
		})
	}
}

func TestContexts(t *testing.T) {
	inBubble(t, "nrf9151-2.0.4", nil, func(b *bench) {
		b.run(
			"AT+CGDCONT?", `+CGDCONT: 0,"","","",0,0|OK`, "AT%XNEWCID?", "%XNEWCID: 1|OK",
			"AT+CGDCONT=11,IP,a", "ERROR", "AT+CGDCONT=2,PPP,a", "ERROR", "AT+CGDCONT=", "ERROR", `AT+CGDCONT=1,"IP","`+strings.Repeat("a", 101)+`"`, "ERROR",
			"AT+CGDCONT=3,Non-IP,c", "OK", `AT+CGDCONT=1,"IP","b"`, "OK", "AT+CGDCONT=10,IPV4V6", "OK", "AT+CGDCONT=2,IP,a", "ERROR",
			"AT%XNEWCID?", "ERROR",
			"AT+CGDCONT?", `+CGDCONT: 0,"","","",0,0|+CGDCONT: 1,"IP","b","",0,0|+CGDCONT: 3,"Non-IP","c","",0,0|+CGDCONT: 10,"IPV4V6","","",0,0|OK`,
			"AT+CGDCONT=10", "OK", "AT+CGDCONT=9", "OK", "AT%XNEWCID?", "%XNEWCID: 2|OK",
			"AT+CGPADDR=?", "+CGPADDR: (0,1,3)|OK", "AT+CGCONTRDP=?", "+CGCONTRDP: (0,1,3)|OK",
			"AT+CGACT=?", "+CGACT: (0,1)|OK", "AT+CGATT=?", "+CGATT: (0,1)|OK", "AT+CGEREP=?", "+CGEREP: (0,1),(0)|OK",
			"AT+CGEREP=1", "OK", "AT+CGEREP?", "+CGEREP: 1,0|OK", "AT+CGEREP=", "OK", "AT+CGEREP?", "+CGEREP: 0,0|OK",
			"AT+CGEREP=2", "ERROR", "AT+CGEREP=1,0", "OK", "AT+CGEREP=1,1", "ERROR",
			"AT+CGAUTH=0,1,user,pass", "OK", `AT+CGAUTH=0,2,"user","pass"`, "OK", "AT+CGAUTH=0,0", "OK", "AT+CGAUTH=0", "OK", "AT+CGAUTH=0,1", "ERROR", "AT+CGAUTH=12,0", "ERROR",
			"AT+CFUN=1", "OK|+CGEV: EXCE STATUS 0",
		)
		b.wait(2 * time.Second)
		b.expect("+CGEV: ME PDN ACT 0,0")
		b.run(
			"AT+CGDCONT=0,IP,x", "ERROR", // it is active
			"AT+CGACT=1,0", "ERROR", "AT+CGACT=1,2", "ERROR", "AT+CGACT=2,1", "ERROR",
			"AT+CGACT=1,1", "OK|+CGEV: ME PDN ACT 1", "AT+CGACT=1,1", "OK", "AT+CGACT=1,3", "OK|+CGEV: ME PDN ACT 3",
			"AT+CGACT?", "+CGACT: 0,1|+CGACT: 1,1|+CGACT: 3,1|OK",
			"AT+CGPADDR", `+CGPADDR: 0,"10.160.148.98"|+CGPADDR: 1,"10.160.148.99"|+CGPADDR: 3,""|OK`,
			"AT%XGETPDNID=1", "%XGETPDNID: 1|OK", "AT%XGETPDNID=2", "ERROR", "AT%XGETPDNID=", "ERROR",
			"AT+CGACT=0,3", "OK|+CGEV: ME PDN DEACT 3", "AT+CSCON=1", "OK",
		)
		b.wait(network.DefaultReleaseAfter)
		b.expect("+CSCON: 0")
		b.run(
			"AT+CGACT=1,3", "+CSCON: 1|OK|+CGEV: ME PDN ACT 3", "AT+CGACT=0,3", "OK|+CGEV: ME PDN DEACT 3", "AT+CSCON=0", "OK",
		)
		v4, v6, ok := b.m.Address(1)
		require.Equal(t, []any{"10.160.148.99", "", true}, []any{v4, v6, ok})
		_, _, ok = b.m.Address(3)
		require.False(t, ok)
		b.do(func() { b.m.LosePDN(1) })
		b.expect("+CGEV: NW PDN DEACT 1")
		require.True(t, b.m.Online())
		b.do(func() { b.m.LosePDN(0) })
		b.expect("+CGEV: NW PDN DEACT 0")
		require.False(t, b.m.Online())
		b.run("AT+CFUN=4", "OK|+CGEV: ME DETACH")
	})
}

// Contexts that the chips differ in.
func TestContextsByFirmware(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.2.7": {"AT+CGDCONT?", "OK", "AT+CGDCONT=11,IP,a", "OK", "AT+CGDCONT=12,IP,a", "ERROR", "AT+CGDCONT=1,Non-IP,a", "ERROR"},
		"nrf9160-1.3.7": {"AT+CGDCONT?", `+CGDCONT: 0,"","","",0,0|OK`, "AT+CGDCONT=11,IP,a", "OK"},
	} {
		_, send := start(t, profile, nil)
		s.run(t, send)
	}
	_, send := start(t, "nrf9160-1.3.7", nil)
	for cid := range 12 {
		require.Equal(t, "OK", send(fmt.Sprintf("AT+CGDCONT=%d,IP,a", cid)))
	}
	require.Equal(t, "ERROR", send("AT%XNEWCID?"))
}

func TestOperatorSelection(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.Others = []network.Operator{{PLMN: "24202"}, {PLMN: "26201", Forbidden: true}}
	}, func(b *bench) {
		b.run("AT+CMEE=1", "OK", "AT+CEREG=1", "OK", "AT+CNEC=8", "OK", "AT+CFUN=1", "OK")
		b.wait(15 * time.Second)
		b.expect("+CEREG: 2", "+CEREG: 1")
		b.send("AT+COPS=?")
		b.expect() // the search takes time
		b.wait(5 * time.Second)
		b.expect(`+COPS: (2,"","","24201",7),(1,"","","24202",7),(3,"","","26201",7)`, "OK")

		b.send("AT%COPS=?")
		b.wait(time.Second)
		b.do(func() { b.m.Traffic(0, 100) })
		b.expect("+CME ERROR: 521")
		b.wait(10 * time.Second)
		b.expect()

		// Forced, with a connection; the modem switches itself off meanwhile, or the
		// network goes.
		b.wait(network.DefaultReleaseAfter)
		b.do(func() { b.m.Traffic(0, 100) })
		b.run("AT+CSCON=1", "OK", "AT%COPS=?", "+CSCON: 0")
		b.do(b.m.LoseNetwork)
		b.expect("+CME ERROR: 521", "+CEREG: 2")
		b.do(b.m.RestoreNetwork)
		b.wait(15 * time.Second)
		b.take()
		b.send("AT+CSCON=0", "AT+COPS=?")
		b.do(func() { b.m.SetTemperature(100) })
		b.expect("OK", "+CME ERROR: 521", "+CEREG: 0")
		b.do(func() { b.m.SetTemperature(20) })
		b.run("AT+CFUN=1", "OK")
		b.wait(15 * time.Second)
		b.expect("+CEREG: 2", "+CEREG: 1")

		b.run(`AT+COPS=1,2,"24202"`, `OK|+CEREG: 0`)
		b.wait(2 * time.Second)
		b.expect("+CEREG: 2", "+CEREG: 5")
		b.run("AT+COPS?", `+COPS: 1,2,"24202",7|OK`, `AT+COPS=1,2,"26201"`, "OK|+CEREG: 0")
		b.wait(2 * time.Second)
		b.expect("+CEREG: 2", "+CNEC_EMM: 11", "+CEREG: 2")
		b.run("AT+CEER", `+CEER: "EMM 11"|OK`, "AT+COPS?", "+COPS: 1|OK", `AT+COPS=1,2,"99999"`, "OK|+CEREG: 0")
		b.wait(10 * time.Second)
		b.expect("+CEREG: 2", "+CEREG: 4")
		b.run("AT+CFUN=0", "OK|+CEREG: 0")
		b.cut()
		b.run("AT+COPS?", "+COPS: 1|OK", "AT+COPS=0", "OK", "AT+COPS?", "+COPS: 0|OK",
			"AT+COPS=2", "ERROR", "AT+COPS=1", "ERROR", `AT+COPS=1,2,"2420"`, "ERROR", `AT+COPS=1,0,"24201"`, "ERROR",
			`AT+COPS=1,2,"24201",8`, "ERROR", `AT+COPS=1,2,"24201",9`, "OK", "AT+COPS=3,3", "ERROR", "AT+COPS=4", "ERROR", "AT+COPN", "OK", "AT%XOPERID", "%XOPERID: 0|OK")
		b.cut()
		b.run("AT+COPS?", "+COPS: 1|OK") // what was stored: +CFUN=0 came before AT+COPS=0
	})
}

// A modem that starts again finds the network as it was; the device's power brings back that of
// its configuration.
func TestCoverageOutlivesModem(t *testing.T) {
	inBubble(t, "nrf9151-2.0.4", nil, func(b *bench) {
		online := func() {
			b.run("AT+CFUN=1", "OK")
			b.wait(time.Minute)
		}
		weak := network.Signal{RSRP: 20, RSRQ: 3, SNR: 10}
		b.do(func() { b.m.SetSignal(weak) })
		b.do(b.m.PowerOn)
		online()
		b.run("AT+CESQ", "+CESQ: 99,99,255,255,3,20|OK")
		b.do(b.m.LoseNetwork)
		b.do(b.m.PowerOn)
		online()
		b.run("AT+CEREG?", "+CEREG: 0,4|OK")
		b.cut()
		online()
		b.run("AT+CEREG?", "+CEREG: 0,1|OK")
		b.run("AT+CESQ", "+CESQ: 99,99,255,255,17,56|OK")
	})
}

func TestRejection(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.RejectCause = 15 }, func(b *bench) {
		b.run("AT+CEREG=3", "OK", "AT+CNEC=24", "OK", "AT+CSCON=1", "OK", "AT+CEER", "OK", "AT+CFUN=1", "OK")
		b.wait(2 * time.Second)
		b.expect("+CEREG: 2", "+CSCON: 1", "+CNEC_EMM: 15", `+CEREG: 2,"B4DC","000AE520",7,0,15`, "+CSCON: 0")
		b.run("AT+CEREG?", "+CEREG: 3,2|OK", "AT+CEER", `+CEER: "EMM 15"|OK`, "AT+CGATT?", "+CGATT: 0|OK")
		require.False(t, b.m.Online())
	})
}

func TestNoNetwork(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.Absent = true }, func(b *bench) {
		b.run("AT+CEREG=2", "OK", "AT%MDMEV=1", "OK", "AT+CFUN=1", "OK")
		b.wait(10 * time.Second)
		b.expect("+CEREG: 2", "%MDMEV: SEARCH STATUS 1", "%MDMEV: SEARCH STATUS 2", "+CEREG: 4")
		b.run("AT+CEREG?", "+CEREG: 2,4|OK", "AT%XMONITOR", "%XMONITOR: 4|OK", "AT%CONEVAL", "%CONEVAL: 1|OK")
		b.send("AT+COPS=?")
		b.wait(5 * time.Second)
		b.expect("+COPS: ", "OK")
	})
}

func TestLossOfNetwork(t *testing.T) {
	type state struct {
		Online bool
		Mode   modem.FunctionalMode
	}
	var told []state
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.Outages = []network.Outage{{After: time.Minute, For: 30 * time.Second}}
		c.OnNetwork = func(online bool, mode modem.FunctionalMode) { told = append(told, state{online, mode}) }
	}, func(b *bench) {
		b.run("AT+CEREG=2", "OK", "AT+CIND=1,1,1", "OK", "AT%CESQ=1", "OK", "AT+CSCON=1", "OK", "AT+CFUN=1", "OK")
		b.wait(50 * time.Second)
		b.take()
		b.wait(20 * time.Second)
		b.expect("%CESQ: 255,255,255,255", "+CEREG: 2", `+CIND: "service",0`, "+CEREG: 4")
		b.run("AT+CEREG?", "+CEREG: 2,4|OK", "AT+COPS?", "+COPS: 0|OK", "AT+CIND?", "+CIND: 0,0,0|OK", "AT+CGPADDR", `+CGPADDR: 0,"10.160.148.98"|OK`)
		b.wait(20 * time.Second)
		b.run("AT+CEREG?", "+CEREG: 2,4|OK")
		b.wait(10 * time.Second)
		b.expect("%CESQ: 52,2,4,0", `+CEREG: 2,"B4DC","000AE520",7`, "%CESQ: 56,2,17,2", "+CSCON: 1", `+CEREG: 1,"B4DC","000AE520",7`, `+CIND: "service",1`)
		b.do(func() { b.m.SetSignal(network.Signal{RSRP: 58, RSRQ: 18, SNR: 40}) })
		b.expect() // no threshold crossed
		b.do(func() { b.m.SetSignal(network.Signal{RSRP: 19, RSRQ: 6, SNR: 10}) })
		b.expect("%CESQ: 19,0,6,0")
		require.True(t, b.m.Online())
		b.run("AT+CESQ", "+CESQ: 99,99,255,255,6,19|OK", "AT+CFUN=4", `OK|+CEREG: 0|+CSCON: 0|%CESQ: 255,255,255,255|+CIND: "service",0`)
		b.send("AT+CFUN=1")
		b.wait(2 * time.Second)
		b.do(b.m.Shutdown)
		require.False(t, b.m.Online())
	})
	want := []state{{false, 1}, {true, 1}, {false, 1}, {true, 1}, {false, 4}, {false, 1}, {true, 1}, {false, 0}}
	require.Empty(t, cmp.Diff(want, told))
}

func TestOperatorNamesAreCopied(t *testing.T) {
	others := []network.Operator{{PLMN: "24202"}}
	start(t, profile.Default, func(c *modem.Config) { c.Network.Others = others })
	require.Equal(t, "", others[0].Name)
}
