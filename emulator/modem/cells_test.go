package modem_test

import (
	"testing"
	"time"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

// withCells is the cells of recorded sessions (fact cells/ncellmeas).
func withCells(c *modem.Config) {
	n := c.Network
	n.AttachDelay, n.ReleaseAfter = 0, 10*time.Second
	n.TrackingArea, n.Cell, n.TimingAdvance, n.PhysicalCell = 0x8169, 0x014A0305, 80, 105
	n.Signal = network.Signal{RSRP: 53, RSRQ: 20, SNR: 39}
	n.Neighbours = []network.Neighbour{
		{EARFCN: 6400, PhysicalCell: 247, RSRP: 52, RSRQ: 18},
		{EARFCN: 6400, PhysicalCell: 106, RSRP: 50, RSRQ: 14, TimeDifference: -7, Cell: 0x002F4344, PLMN: "44013", TrackingArea: 0x5A00},
		{EARFCN: 5230, PhysicalCell: 5},
	}
}

func TestNeighbourCells(t *testing.T) {
	const serving = `"014A0305","24201","8169",80`
	inBubble(t, "nrf9160-1.3.7", withCells, func(b *bench) {
		b.run("AT%NCELLMEAS", "ERROR", "AT%NBRGRSRP", "OK", "AT+CFUN=1", "OK")
		b.wait(4900 * time.Millisecond)
		b.run("AT%NCELLMEAS", "OK", "AT%NCELLMEAS", "ERROR")
		b.wait(100 * time.Millisecond)
		b.expect(`%NCELLMEAS: 0,` + serving + `,6400,105,53,20,5000,6400,247,52,18,0,6400,106,50,14,-7,5230,5,-1,-1,0,0`)
		b.run("AT%NCELLMEAS=3,2", "OK")
		b.wait(100 * time.Millisecond)
		b.expect(`%NCELLMEAS: 0,` + serving + `,0,6400,105,53,20,5100,1,3,6400,247,52,18,0,6400,106,50,14,-7,5230,5,-1,-1,0` +
			`,"002F4344","44013","5A00",65535,0,6400,106,50,14,5093,0,0`)
		// Two cells are known, so that a third one is looked for.
		b.run("AT%NCELLMEAS=4,2", "OK")
		b.wait(100 * time.Millisecond)
		b.take()
		b.run("AT%NCELLMEAS=4,3", "OK")
		b.wait(2 * time.Second)
		b.expect()
		b.run("AT%NCELLMEASSTOP", `OK|%NCELLMEAS: 2,`+serving+`,0,6400,105,53,20,7200,1,0`, "AT%NCELLMEASSTOP", "OK")
	})
}

func TestNeighbourCellForms(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.3.0": {"AT%NCELLMEAS=1", "ERROR", "AT%NCELLMEAS=0", "OK"},
		"nrf9160-1.3.1": {"AT%NCELLMEAS=3,2", "ERROR", "AT%NCELLMEAS=2,9", "OK"},
		"nrf9160-1.3.4": {"AT%NCELLMEAS=3", "ERROR", "AT%NCELLMEAS=3,1", "ERROR", "AT%NCELLMEAS=3,16", "ERROR", "AT%NCELLMEAS=6,2", "ERROR", "AT%NCELLMEAS=3,2,1", "ERROR",
			"AT%NCELLMEAS?", "ERROR", "AT%NCELLMEAS=?", "ERROR", "AT%NCELLMEASSTOP=1", "ERROR", "AT%NBRGRSRP?", "ERROR", "AT%NBRGRSRP", "%NBRGRSRP: 247,6400,52,106,6400,50,5,5230,0|OK",
			"AT%NCELLMEAS=,2", "OK"},
	} {
		t.Run(profile, func(t *testing.T) {
			inBubble(t, profile, withCells, func(b *bench) {
				b.run("AT+CFUN=1", "OK")
				b.run(s...)
				b.wait(time.Minute)
				b.run("AT+CFUN=4", "OK")
			})
		})
	}
	// What is measured is interrupted with the radio and with the network.
	inBubble(t, "nrf9160-1.3.7", withCells, func(b *bench) {
		b.run("AT+CFUN=1", "OK", "AT%NCELLMEAS=2", "OK")
		b.send("AT+CFUN=4")
		b.expect("OK", "%NCELLMEAS: 2")
		b.run("AT+CFUN=1", "OK", "AT%NCELLMEAS=1", "OK")
		b.do(b.m.LoseNetwork)
		b.expect("%NCELLMEAS: 2")
		b.run("AT%NCELLMEAS", "OK")
		b.wait(time.Second)
		b.expect("%NCELLMEAS: 1")
	})
	// In mode 2 there was no connection, so that no timing advance is known.
	inBubble(t, "nrf9151-2.0.4", withCells, func(b *bench) {
		b.run("AT+CFUN=2", "OK", "AT%NCELLMEAS", "OK")
		b.wait(100 * time.Millisecond)
		b.expect(`%NCELLMEAS: 0,"014A0305","24201","8169",65535,6400,105,52,4,100,6400,247,52,18,0,6400,106,50,14,-7,5230,5,-1,-1,0,0`)
	})
	inBubble(t, "nrf9160-1.3.7", withCells, func(b *bench) { b.run("AT+CFUN=2", "OK", "AT%NCELLMEAS", "ERROR") })
}

func TestEnvironmentEvaluation(t *testing.T) {
	inBubble(t, "nrf9151-2.0.4", func(c *modem.Config) {
		withCells(c)
		c.Network.Others = []network.Operator{{PLMN: "44013"}, {PLMN: "44020"}}
	}, func(b *bench) {
		const own = `0,0,7,53,20,39,"014A0305","24201",105,6400,20,0,0,-8,2,1,110`
		b.run(`AT%ENVEVAL=2,"24201"`, "ERROR", "AT+CFUN=2", "OK", `AT%ENVEVAL=2,"24201","99999","44013","44020"`, "OK", `AT%ENVEVAL=1,"24201"`, "ERROR",
			"AT%ENVEVAL=3", "ERROR", "AT%ENVEVAL=1", "ERROR", `AT%ENVEVAL=1,"1"`, "ERROR", "AT%ENVEVAL?", "ERROR")
		b.wait(7 * time.Second)
		b.expect("%ENVEVAL: "+own, `%ENVEVAL: 0,0,7,50,14,39,"002F4344","44013",106,6400,20,0,0,-8,2,1,113`,
			`%ENVEVAL: 0,0,7,53,20,39,"014A0305","44020",105,6400,20,0,0,-8,2,1,110`, "%ENVEVAL: 0")
		b.run(`AT%ENVEVAL=1,"24201"`, "OK", "AT%ENVEVALSTOP", "OK|%ENVEVAL: 5", "AT%ENVEVALSTOP", "OK", `AT%ENVEVAL=0,"24201"`, "OK")
		b.send("AT+CFUN=4")
		b.expect("OK", "%ENVEVAL: 5")
	})
}

func TestCoverageInformation(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", withCells, func(b *bench) {
		b.run("AT+CEINFO?", "+CEINFO: 0,0,I,0,0,255,127|OK", "AT+CEINFO=1", "OK", "AT+CEINFO=2", "ERROR", "AT+CEINFO=?", "ERROR",
			"AT+CFUN=1", "OK|+CEINFO: 1,0,C,1,1,-87,15", "AT+CEINFO?", "+CEINFO: 1,1,C,1,1,-87,15|OK")
		b.wait(10 * time.Second)
		b.expect("+CEINFO: 1,1,I,0,0,-87,15")
		b.run("AT%XPOFWARN=1,30", "OK", "AT+CMEE=1", "OK", "AT+CEINFO=0", "OK")
		b.do(func() { b.m.SetSupply(2900) })
		b.take()
		b.run("AT+CEINFO?", "+CME ERROR: 528", "AT+CEINFO=1", "+CME ERROR: 528")
	})
}
