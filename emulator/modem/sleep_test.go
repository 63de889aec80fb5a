package modem_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

func TestPowerSavingForms(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CPSMS?", `+CPSMS: 0,,,"",""|OK`,
		`AT+CPSMS=1,,,"10101111","01101100"`, "OK", "AT+CPSMS?", `+CPSMS: 1,,,"10101111","01101100"|OK`,
		"AT+CPSMS=0", "OK", "AT+CPSMS?", `+CPSMS: 0,,,"10101111","01101100"|OK`,
		`AT+cpsms=1,,,"00000001"`, "OK", "AT+CPSMS?", `+CPSMS: 1,,,"00000001",""|OK`,
		"AT+CPSMS=", "OK", "AT+CPSMS?", `+CPSMS: 0,,,"",""|OK`,
		"AT+CPSMS=2", "ERROR", `AT+CPSMS=1,,,"1010111"`, "ERROR", `AT+CPSMS=1,,,"1010111x"`, "ERROR", `AT+CPSMS=1,"1",,"10101111"`, "OK",
		"AT+CPSMS=1,,,10101111", "ERROR", `AT+CPSMS=,,,"10101111"`, "ERROR", "AT+CPSMS=?", "ERROR",

		"AT+CEDRXS?", "OK", `AT+CEDRXS=1,4,"0001"`, "OK", "AT+CEDRXS?", `+CEDRXS: 4,"0001"|OK`,
		`AT+CEDRXS=2,5,"1001"`, "OK", "AT+CEDRXS?", `+CEDRXS: 4,"0001"|+CEDRXS: 5,"1001"|OK`,
		"AT+CEDRXS=0,4", "OK", "AT+CEDRXS?", `+CEDRXS: 5,"1001"|OK`, "AT+CEDRXS=3", "OK", "AT+CEDRXS?", "OK",
		"AT+CEDRXS=1,4", "OK", "AT+CEDRXS?", `+CEDRXS: 4,"0010"|OK`, "AT+CEDRXS=", "OK", "AT+CEDRXS?", "OK",
		`AT+CEDRXS=1,3,"0001"`, "ERROR", `AT+CEDRXS=1,4,"00011"`, "ERROR", "AT+CEDRXS=4", "ERROR", `AT+CEDRXS=1,,"0001"`, "ERROR",
		"AT+CEDRXS=?", `+CEDRXS: (0-3),(4-5),("0000"-"1111")|OK`, "AT+CEDRXRDP", "+CEDRXRDP: 0|OK", "AT+CEDRXRDP?", "ERROR",

		"AT%XPTW?", `%XPTW: 4,"0011"|%XPTW: 5,"0011"|OK`, `AT%XPTW=4,"0110"`, "OK", "AT%XPTW?", `%XPTW: 4,"0110"|%XPTW: 5,"0011"|OK`,
		`AT+CEDRXS=1,4,"0001"`, "OK", "AT%XPTW?", `%XPTW: 4,"0011"|%XPTW: 5,"0011"|OK`, `AT%XPTW=4,"0110"`, "OK",
		"AT%XPTW=4", "OK", "AT%XPTW?", `%XPTW: 4,"0011"|%XPTW: 5,"0011"|OK`, "AT%XPTW=6", "ERROR", `AT%XPTW=4,"01"`, "ERROR",

		"AT%XMODEMSLEEP=1,500,10240", "OK|%XMODEMSLEEP: 4", "AT%XMODEMSLEEP=1,499,10240", "ERROR", "AT%XMODEMSLEEP=1,0,10239", "ERROR",
		"AT%XMODEMSLEEP=1,3600000,3456000000", "OK|%XMODEMSLEEP: 4", "AT%XMODEMSLEEP=1,3600001,10240", "ERROR", "AT%XMODEMSLEEP=0", "OK", "AT%XMODEMSLEEP=2", "ERROR", "AT%XMODEMSLEEP?", "ERROR",
		"AT%XT3412=1,5000,1200000", "OK", "AT%XT3412=0", "OK", "AT%XT3412=2", "ERROR", "AT%XT3412?", "ERROR",
	}.run(t, send)
}

// Active time, sleep with a warning, periodic update, and round again.
func TestPowerSavingMode(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XMODEMSLEEP=1,5000,10240", "OK|%XMODEMSLEEP: 4", "AT%XT3412=1,60000,10240", "OK", "AT+CSCON=1", "OK", "AT+CEREG=5", "OK",
			`AT+CPSMS=1,,,"00000001","00000101"`, "OK", "AT%MDMEV=1", "OK", "AT+CFUN=1", "%XMODEMSLEEP: 4,0|OK") // ten minutes, ten seconds
		b.wait(2 * time.Second)
		b.expect(`+CEREG: 2,"B4DC","000AE520",7`, "+CSCON: 1", "%MDMEV: SEARCH STATUS 2", `+CEREG: 1,"B4DC","000AE520",7,,,"00000101","00000001"`)
		b.wait(10 * time.Second)
		b.expect("+CSCON: 0")
		for range 2 {
			b.wait(10 * time.Second)
			b.expect("%XMODEMSLEEP: 1,589999")
			b.wait(530 * time.Second)
			b.expect("%XT3412: 60000")
			b.wait(55 * time.Second)
			b.expect("%XMODEMSLEEP: 1,5000")
			b.wait(5 * time.Second)
			b.expect("%XT3412: 0", "%XMODEMSLEEP: 1,0", "%MDMEV: SEARCH STATUS 2", "+CSCON: 1")
			b.wait(10 * time.Second)
			b.expect("+CSCON: 0")
		}
		b.run("AT%XMONITOR", `%XMONITOR: 1,"","","24201","B4DC",7,20,"000AE520",0,6400,56,39,"","00000101","00000001","01001001"|OK`)
		b.wait(time.Minute)
		b.take()
		b.run("AT+CFUN=4", `OK|+CEREG: 0|%XMODEMSLEEP: 4`)
	})
}

// Sleep and paging window take turns; traffic ends the sleep.
func TestEDRXSleep(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XMODEMSLEEP=1,5000,10240", "OK|%XMODEMSLEEP: 4", `AT+CEDRXS=1,4,"0011"`, "OK", `AT%XPTW=4,"0001"`, "OK", "AT+CFUN=1", "%XMODEMSLEEP: 4,0|OK") // 40.96 s, 2.56 s
		b.wait(12 * time.Second)
		b.expect("%XMODEMSLEEP: 2,38400")
		for range 3 {
			b.wait(33400 * time.Millisecond)
			b.expect("%XMODEMSLEEP: 2,5000")
			b.wait(5 * time.Second)
			b.expect("%XMODEMSLEEP: 2,0")
			b.wait(2560 * time.Millisecond)
			b.expect("%XMODEMSLEEP: 2,38400")
		}
		b.wait(10 * time.Second)
		b.run("AT+CFUN=4", `OK|%XMODEMSLEEP: 4`)
		b.wait(time.Hour)
		b.expect()
	})
}

// A cycle of NB-IoT is another one, and so is its paging window.
func TestEDRXOfNBIoT(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XSYSTEMMODE=0,1,0,0", "OK", "AT%XMODEMSLEEP=1,0,10240", "OK|%XMODEMSLEEP: 4", `AT+CEDRXS=1,5,"0001"`, "OK", `AT%XPTW=5,"0000"`, "OK", "AT+CFUN=1", "%XMODEMSLEEP: 4,0|OK")
		b.wait(12 * time.Second)
		b.expect("%XMODEMSLEEP: 2,17920") // 20.48 s less 2.56 s
	})
}

// A sleep shorter than the threshold is not told, nor is its end.
func TestShortSleep(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XMODEMSLEEP=1,500,10240", "OK|%XMODEMSLEEP: 4", `AT+CPSMS=1,,,"01100101","00000000"`, "OK", "AT+CFUN=1", "%XMODEMSLEEP: 4,0|OK") // ten seconds
		b.wait(time.Minute)
		b.expect()
	})
}

// The loss of the network ends the sleep, and no warning comes later.
func TestLossWhileAsleep(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XMODEMSLEEP=1,5000,10240", "OK|%XMODEMSLEEP: 4", "AT%XT3412=1,5000,10240", "OK", `AT+CPSMS=1,,,"00000001","00000000"`, "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "%XMODEMSLEEP: 4,0|OK")
		b.wait(time.Minute)
		b.expect("+CEREG: 2", "+CEREG: 1", "%XMODEMSLEEP: 1,599999")
		b.do(b.m.LoseNetwork)
		b.expect("%XMODEMSLEEP: 1,0", "+CEREG: 2")
		b.wait(2 * time.Second)
		b.expect("+CEREG: 4")
		b.wait(time.Hour)
		b.expect()
	})
}

func TestGrantedPowerSaving(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*network.Network)
		set    string
		want   string
	}{
		"as asked":     {nil, `AT+CPSMS=1,,,"00100001","00000001"`, `"00000001","00100001"`},
		"not asked":    {nil, "AT+CPSMS=0", `"11100000","11100000"`},
		"no values":    {nil, "AT+CPSMS=1", `"00100001","00100100"`},
		"none granted": {func(n *network.Network) { n.NoPSM = true }, "AT+CPSMS=1", `"11100000","11100000"`},
		"others granted": {func(n *network.Network) { n.ActiveTime, n.PeriodicTAU = "00000010", "00100010" },
			`AT+CPSMS=1,,,"00100001","00000001"`, `"00000010","00100010"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, send := start(t, "nrf9160-1.3.7", func(cfg *modem.Config) {
				if c.change != nil {
					c.change(cfg.Network)
				}
			})
			steps{c.set, "OK", "AT+CEREG=4", "OK", "AT+CFUN=1",
				`OK|+CEREG: 2,"B4DC","000AE520",7|+CEREG: 1,"B4DC","000AE520",7,,,` + c.want}.run(t, send)
		})
	}
}

func TestEDRX(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*network.Network)
		notice string
		read   string
	}{
		"as asked":       {nil, `|+CEDRXP: 4,"0011","0011","1001"`, `+CEDRXRDP: 4,"0011","0011","1001"|OK`},
		"others granted": {func(n *network.Network) { n.EDRX = "0010" }, `|+CEDRXP: 4,"0011","0010","1001"`, `+CEDRXRDP: 4,"0011","0010","1001"|OK`},
		"none":           {func(n *network.Network) { n.NoEDRX = true }, "|+CEDRXP: 0", "+CEDRXRDP: 0|OK"},
	} {
		t.Run(name, func(t *testing.T) {
			_, send := start(t, "nrf9160-1.3.7", func(cfg *modem.Config) {
				if c.change != nil {
					c.change(cfg.Network)
				}
			})
			steps{`AT+CEDRXS=2,4,"0011"`, "OK", `AT%XPTW=4,"1001"`, "OK", "AT+CFUN=1", "OK" + c.notice, "AT+CEDRXRDP", c.read}.run(t, send)
		})
	}
}

func TestConnectionLevels(t *testing.T) {
	for level, want := range []string{"", "+CSCON: 1", "+CSCON: 1,7", "+CSCON: 1,7,4"} {
		inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
			n := strconv.Itoa(level)
			_, tail, _ := strings.Cut(want, ": 1")
			idle := strings.Replace(want, ": 1", ": 0", 1)
			b.run("AT+CSCON="+n, "OK", "AT+CSCON?", "+CSCON: "+n+",0"+tail+"|OK", "AT+CSCON=?", "+CSCON: (0,1,2,3)|OK", "AT+CSCON=4", "ERROR", "AT+CFUN=1", "OK")
			b.wait(2 * time.Second)
			if level == 0 {
				b.expect()
				return
			}
			b.expect(want)
			b.wait(9 * time.Second)
			b.do(func() { b.m.Traffic(10, 0) }) // the connection stays
			b.wait(9 * time.Second)
			b.expect()
			b.wait(time.Second)
			b.expect(idle)
		})
	}
}

func TestConnectionStatistics(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.run("AT%XCONNSTAT?", "%XCONNSTAT=0,0,0,0,0,0|OK", "AT%XCONNSTAT=1", "OK", "AT+CFUN=1", "OK", "AT%XCONNSTAT=2", "ERROR")
		b.do(func() { b.m.Traffic(5000, 0) }) // not registered yet: nothing goes out
		b.wait(2 * time.Second)
		b.do(func() {
			b.m.Traffic(2000, 0)
			b.m.Traffic(100, 0)
			b.m.Traffic(0, 1200)
		})
		b.run("AT%XCONNSTAT?", "%XCONNSTAT=0,0,2,1,2000,1100|OK", "AT%XCONNSTAT=0", "OK")
	})
}
