package modem_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

// Each form of the settings that are kept, and what they refuse.
func TestKeptSettings(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.2.8": {
			"AT%XRAI?", "%XRAI: 0|OK", "AT%XRAI=3", "OK", "AT%XRAI?", "%XRAI: 3|OK", "AT%XRAI", "OK", "AT%XRAI?", "%XRAI: 0|OK", "AT%XRAI=1", "ERROR", "AT%XRAI=5", "ERROR", "AT%XRAI=?", "ERROR",
		},
		"nrf9160-1.0.0": {"AT%XRAI?", "ERROR", "AT%XRAI=4", "OK", "AT%XEPCO?", "ERROR", "AT%XEPCO=0", "OK"},
		"nrf9160-1.3.7": {
			"AT%XEPCO?", "%XEPCO: 1|OK", "AT%XEPCO=0", "OK", "AT%XEPCO?", "%XEPCO: 0|OK",
			"AT+ODIS?", `+ODIS: "","","",""|OK`, "AT+ODISNTF=1", "OK", `AT+ODIS="a", "b","c","d"`, `OK|+ODISNTF: "a","b","c","d"`, `AT+ODIS="a","b","c","d"`, "OK", "AT+ODIS?", `+ODIS: "a","b","c","d"|OK`,
			`AT+ODIS="a","b","c"`, "ERROR", `AT+ODIS="a","b","c","d","e"`, "ERROR", "AT+ODISNTF=0", "OK", "AT+ODISNTF=2", "ERROR", `AT+ODIS="","","",""`, "OK",
			"AT%XOPCONF?", "%XOPCONF: 1|OK", "AT%XOPCONF=2", "OK", "AT%XOPCONF?", "%XOPCONF: 2|OK", "AT%XOPCONF=10", "ERROR", "AT%XOPCONF=21", "ERROR", "AT%XOPCONF=0", "ERROR",
			`AT%XAPNSTATUS?`, "OK", `AT%XAPNSTATUS=0,"a"`, "OK", `AT%XAPNSTATUS=0,"b"`, "OK", `AT%XAPNSTATUS=0,"A"`, "OK", "AT%XAPNSTATUS?", `%XAPNSTATUS: "b","A"|OK`, `AT%XAPNSTATUS=1,"b"`, "OK",
			"AT%XAPNSTATUS?", `%XAPNSTATUS: "A"|OK`, "AT%XAPNSTATUS=0", "ERROR",
			"AT%XCOEX0?", "%XCOEX0: |OK", "AT%XCOEX0=3,1,1570,1580,1,2000,2180,1,600,800", "OK", "AT%XCOEX0?", "%XCOEX0: 3,1,1570,1580,1,2000,2180,1,600,800|OK", "AT%XCOEX0", "OK", "AT%XCOEX0?", "%XCOEX0: |OK",
			"AT%XCOEX0=1", "ERROR", "AT%XCOEX0=5,1,1,1", "ERROR", "AT%XCOEX0=1,1,1580,1570", "ERROR", "AT%XCOEX0=1,1,1570,1580,1", "ERROR",
			"AT%XMAGPIO=1,1,1,3,0,1574,1577,1,705,747,6,748,804", "OK", "AT%XMAGPIO?", "%XMAGPIO: 1,1,1,3,0,1574,1577,1,705,747,6,748,804|OK", "AT%XMAGPIO", "OK",
			"AT%XMAGPIO=1,1,1,7,1,746,803,2,698,748,2,1710,2200,3,824,894,4,880,960,5,791,849,7,1565,1586", "OK", "AT%XMAGPIO=2,1,1,0", "ERROR",
			"AT%XANTCFG=1", "OK", "AT%XANTCFG?", "%XANTCFG: 1|OK", "AT%XANTCFG=8", "ERROR", "AT%XANTCFG", "OK", "AT%XANTDETMAGPIO=2", "%XANTDETMAGPIO: 0|OK", "AT%XANTDETMAGPIO=3", "ERROR",
			"AT%XMIPIRFFEDEV?", "%XMIPIRFFEDEV:|INIT:|ON:|OFF:|PWROFF:|OK", "AT%XMIPIRFFECTRL=1,0,0", "ERROR",
			"AT%XMIPIRFFEDEV=1,7,171,331,184", "OK", "AT%XMIPIRFFECTRL=1,1,1,28,56,6,1,2,2,3,750,3,8,850,18,9,1000,20,12,1700,35,19,1900,37,25,2200", "OK", "AT%XMIPIRFFECTRL=1,3,2,28,184,0,0", "OK",
			"AT%XMIPIRFFEDEV?", "%XMIPIRFFEDEV: 1,7,171,331,184|INIT:|ON: 1,1,1,28,56,6,1,2,2,3,750,3,8,850,18,9,1000,20,12,1700,35,19,1900,37,25,2200|OFF:|PWROFF: 1,3,2,28,184,0,0|OK",
			"AT%XMIPIRFFECTRL=1,3,0", "OK", "AT%XMIPIRFFECTRL=1,1,0,0", "OK", "AT%XMIPIRFFEDEV?", "%XMIPIRFFEDEV: 1,7,171,331,184|INIT:|ON:|OFF:|PWROFF:|OK",
			"AT%XMIPIRFFEDEV=2,1,1,1,1", "ERROR", "AT%XMIPIRFFEDEV=1,16,1,1,1", "ERROR", "AT%XMIPIRFFEDEV=0", "ERROR", "AT%XMIPIRFFECTRL=1,4,0", "ERROR", "AT%XMIPIRFFECTRL=1,0,5", "ERROR", "AT%XMIPIRFFECTRL=1,1,3,1,1,1,1,1,1,0", "ERROR",
			"AT%XMIPIRFFECTRL=1,0,1,1", "ERROR", "AT%XMIPIRFFEDEV=1", "OK", "AT%XMIPIRFFEDEV?", "%XMIPIRFFEDEV:|INIT:|ON:|OFF:|PWROFF:|OK",
			`AT%PERIODICSEARCHCONF=0,0,0,10,"0,60,3600,,600"`, "OK", "AT%PERIODICSEARCHCONF=1", `%PERIODICSEARCHCONF: 0,0,10,"0,60,3600,,600"|OK`,
			`AT%PERIODICSEARCHCONF=0,1,3,5,"0,60,3600,300,600","0,120,1800,,48","1,10,20,30,40,50","1,11,21,31"`, "OK",
			"AT%PERIODICSEARCHCONF=1", `%PERIODICSEARCHCONF: 1,3,5,"0,60,3600,300,600","0,120,1800,,48","1,10,20,30,40,50","1,11,21,31"|OK`, "AT%PERIODICSEARCHCONF=3", "OK", "AT%PERIODICSEARCHCONF=2", "OK",
			"AT+CMEE=1", "OK", "AT%PERIODICSEARCHCONF=1", "+CME ERROR: 513", "AT%PERIODICSEARCHCONF=0,0,1,1,", "+CME ERROR: 0", `AT%PERIODICSEARCHCONF=0,0,0,10,"0,60,3600,700,600"`, "+CME ERROR: 527",
			`AT%PERIODICSEARCHCONF=0,0,0,10,"2,60"`, "+CME ERROR: 527", `AT%PERIODICSEARCHCONF=0,0,0,10,"1"`, "+CME ERROR: 527", `AT%PERIODICSEARCHCONF=0,0,0,10,"1,65536"`, "+CME ERROR: 527",
			`AT%PERIODICSEARCHCONF=0,0,5,10,"1,1"`, "+CME ERROR: 0", `AT%PERIODICSEARCHCONF=0,0,0,21,"1,1"`, "+CME ERROR: 0", `AT%PERIODICSEARCHCONF=0,0,0,1,"1,1","1,1","1,1","1,1","1,1"`, "+CME ERROR: 0", "AT%PERIODICSEARCHCONF=4", "+CME ERROR: 0", "AT+CMEE=0", "OK",
			"AT%XDEEPSEARCH?", "%XDEEPSEARCH: 1|OK", "AT%XDEEPSEARCH=?", "%XDEEPSEARCH|OK", "AT%XDEEPSEARCH=0", "OK", "AT%XDEEPSEARCH=?", "ERROR", "AT%XDEEPSEARCH=2", "ERROR",
			"AT%XCOUNTRYDATA?", "OK", `AT%XCOUNTRYDATA=1, "4,242,20,6175,13,0", "5,244,3,1207"`, "OK", "AT%XCOUNTRYDATA?", `%XCOUNTRYDATA: "4,242,20,6175,13,0","5,244,3,1207"|OK`, "AT%XCOUNTRYDATA=0", "OK", "AT%XCOUNTRYDATA?", "OK",
			`AT%XCOUNTRYDATA=1,"6,242,20,0"`, "ERROR", `AT%XCOUNTRYDATA=1,"4,242,20"`, "ERROR", "AT%XCOUNTRYDATA=1", "ERROR",
			"AT%XEMPR?", "%XEMPR:|OK", "AT%XEMPR=0,0,2", "OK", "AT%XEMPR=1,3,5,2,8,2,13,1", "OK", "AT%XEMPR?", "%XEMPR:|0,0,2|1,3,5,2,8,2,13,1|OK", "AT%XEMPR=0,1,5,1", "OK", "AT%XEMPR?", "%XEMPR:|0,1,5,1|1,3,5,2,8,2,13,1|OK",
			"AT%XEMPR=0,0,3", "ERROR", "AT%XEMPR=0,1,5", "ERROR", "AT%XEMPR=2,0,1", "ERROR", "AT%XEMPR", "OK", "AT%XEMPR?", "%XEMPR:|OK", "AT%XPRODDONE", "OK", "AT%XEMPR=0,0,1", "ERROR", "AT%XPRODDONE=2", "ERROR",
			"AT%CSUS?", "%CSUS: 0|OK", "AT%CSUS=1", "ERROR", "AT%CSUS=0", "OK", "AT%CSUS=3", "ERROR",
			"AT%USATEV=1", "OK", `AT%USATEV=1,"0110"`, "OK", `AT%USATEV=1,"2"`, "ERROR", "AT%USATEV=2", "ERROR", "AT%USATINFO", "%USATINFO: 0,0|OK",
			"AT%XSMSFALLBACK=1", "OK", "AT%XSMSFALLBACK=2", "ERROR", "AT%XPCO=1", "OK", "AT%XIPV6FAIL=0,1", "OK", "AT%XIPV6FAIL=12,1", "ERROR", "AT%XAPNCLASS=0,3", `%XAPNCLASS: 3,"VZWAPN","IPV4V6"|OK`, "AT%XAPNCLASS=0,1", "ERROR",
			`AT%XUSIMLCK=1,"PN","12345678",0,"100.200"`, "OK", `AT%XUSIMLCK=1,"SC","12345678"`, "ERROR", `AT%XUSIMLCK=1,"PN","12345"`, "ERROR", `AT%XUSIMLCK=4,"PS"`, "OK",
			"AT+CGPIAF?", "+CGPIAF: 1,1,1,0|OK", "AT+CGPIAF=?", "+CGPIAF: (1),(1),(1),(0)|OK", "AT+CGPIAF=1", "ERROR", "AT+CGEQOSRDP", "OK",
			"AT%XOPNAME=1", "OK", "AT%XOPNAME=2", "ERROR", "AT%XOPNAME?", "ERROR",
			"AT+CFUN=1", "OK", "AT+CMEE=1", "OK", `AT%XCOUNTRYDATA=0`, "+CME ERROR: 518", "AT%CSUS=2", "+CME ERROR: 0",
		},
		"nrf9151-2.0.4": {
			"AT%PALL=1", "%PALL: |OK", `AT%PALL=0,1,"12345",1,"123456",6`, "OK", "AT%PALL=1", `%PALL:1,"12345",1,"123456",6|OK`, "AT%PALL=2", "OK", "AT%PALL=1", "%PALL: |OK",
			`AT%PALL=0,1,"1234",1`, "ERROR", `AT%PALL=0,2,"12345",1`, "ERROR", `AT%PALL=0,1,"12345",8`, "ERROR", `AT%PALL=0,1,"12345"`, "ERROR", "AT%PALL=3", "ERROR",
		},
		"nrf9151-ntn-1.0.1": {"AT%XOPCONF=21", "OK", "AT%SKYLO=3,1", "OK", "AT%SKYLO=4,1", "ERROR", "AT%SKYLO=0", "ERROR", "AT+CFUN=1", "OK", "AT+CMEE=1", "OK", "AT%SKYLO=0,1", "+CME ERROR: 518"},
	} {
		t.Run(profile, func(t *testing.T) {
			inBubble(t, profile, nil, func(b *bench) { b.run(s...) })
		})
	}
}

// They are stored at +CFUN=0 with the others, in one write that is charged to it; country
// data after twelve hours too.
func TestKeptSettingsAreStored(t *testing.T) {
	set := steps{`AT+ODIS="a","b","c","d"`, "OK", "AT%XOPCONF=3", "OK", "AT%XANTCFG=1", "OK", "AT%XMIPIRFFEDEV=1,7,171,331,184", "OK", "AT%XMIPIRFFECTRL=1,0,1,2,3", "OK",
		`AT%PERIODICSEARCHCONF=0,0,0,10,"1,5"`, "OK", "AT%XDEEPSEARCH=0", "OK", `AT%XCOUNTRYDATA=1,"4,242,20,0"`, "OK", "AT%XEMPR=0,0,2", "OK"}
	want := steps{"AT+ODIS?", `+ODIS: "a","b","c","d"|OK`, "AT%XOPCONF?", "%XOPCONF: 3|OK", "AT%XANTCFG?", "%XANTCFG: 1|OK", "AT%XMIPIRFFEDEV?", "%XMIPIRFFEDEV: 1,7,171,331,184|INIT: 1,0,1,2,3|ON:|OFF:|PWROFF:|OK",
		"AT%PERIODICSEARCHCONF=1", `%PERIODICSEARCHCONF: 0,0,10,"1,5"|OK`, "AT%XDEEPSEARCH?", "%XDEEPSEARCH: 0|OK", "AT%XCOUNTRYDATA?", `%XCOUNTRYDATA: "4,242,20,0"|OK`, "AT%XEMPR?", "%XEMPR:|0,0,2|OK"}
	for name, then := range map[string]func(*bench){
		"+CFUN=0":      func(b *bench) { b.run("AT+CFUN=0", "OK") },
		"twelve hours": func(b *bench) { b.wait(12 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			var log event.Log
			inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Log = &log }, func(b *bench) {
				var mu sync.Mutex // timers write, too
				var all []event.NVM
				defer log.Subscribe(func(e *event.Event) {
					if e.NVM != nil {
						mu.Lock()
						defer mu.Unlock()
						all = append(all, *e.NVM)
					}
				})()
				soFar := func() []event.NVM {
					mu.Lock()
					defer mu.Unlock()
					return all
				}
				b.run(set...)
				require.Empty(t, soFar())
				then(b)
				writes := soFar()
				require.Len(t, writes, 1)
				require.Equal(t, name == "+CFUN=0", writes[0].ID == 1)
				b.cut()
				b.run(want...)
			})
		})
	}
}

// A file is written at once, and the write is charged to its command.
func TestFileWrite(t *testing.T) {
	const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // of "abc"
	var log event.Log
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Log = &log }, func(b *bench) {
		var writes []event.NVM
		defer log.Subscribe(func(e *event.Event) {
			if e.NVM != nil {
				writes = append(writes, *e.NVM)
			}
		})()
		b.run(`AT%XFILEWRITE=1,"616263","`+digest+`"`, "OK")
		require.Len(t, writes, 1)
		require.Equal(t, event.NVMFile, writes[0].Cause)
		require.Equal(t, 1, writes[0].ID)
		b.run(`AT%XFILEWRITE=1,"616264","`+digest+`"`, "ERROR", `AT%XFILEWRITE=2,"616263","`+digest+`"`, "ERROR", `AT%XFILEWRITE=1,"61626","`+digest+`"`, "ERROR",
			`AT%XFILEWRITE=1,"616263"`, "ERROR", "AT%XFILEWRITE?", "ERROR")
		require.Len(t, writes, 1)
	})
}

// A card in software that is not there is as good as none.
func TestSoftwareCard(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.AttachDelay = 0 }, func(b *bench) {
		b.run("AT%CSUS=2", "OK", "AT%CSUS?", "%CSUS: 2|OK", "AT%XSIM=1", "OK", "AT+CEREG=5", "OK", "AT+CFUN=1", "OK|+CEREG: 90|%XSIM: 0,9",
			"AT+CFUN=4", "OK|+CEREG: 0|%XSIM: 0", "AT%CSUS=0", "OK", "AT+CFUN=1", "OK|+CEREG: 2,\"B4DC\",\"000AE520\",7|%XSIM: 1|"+`+CEREG: 1,"B4DC","000AE520",7,,,"11100000","11100000"`)
	})
}

func TestOperatorName(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.AttachDelay = 0
		c.Network.Operator = network.Operator{PLMN: "55677", ShortName: "VzW"}
	}, func(b *bench) {
		b.run("AT%XOPNAME=1", "OK", "AT+CFUN=1", `OK|%XOPNAME: ,"8B56FD15","55677"`) // the guide's example
	})
}

// Two profiles of the satellite firmware: the registration of one is kept while the other
// one is in use.
func TestCellularProfiles(t *testing.T) {
	inBubble(t, "nrf9151-ntn-1.0.1", func(c *modem.Config) { c.Network.AttachDelay = 0 }, func(b *bench) {
		b.run("AT+CFUN=45", "ERROR", "AT+CGDCONT=10,IP,a", "OK", "AT+CGDCONT=11,IP,a", "ERROR", "AT+CGDCONT=10", "OK",
			"AT%CELLULARPRFL=2,0,1,0", "OK", "AT+CFUN=45", "ERROR", "AT%CELLULARPRFL=2,1,4,2", "OK", "AT%CELLULARPRFL=1", "OK",
			"AT%CELLULARPRFL=2,2,1,0", "ERROR", "AT%CELLULARPRFL=2,0,16,0", "ERROR", "AT%CELLULARPRFL=2,0,1,1", "ERROR", "AT%CELLULARPRFL=3", "ERROR",
			"AT+CGEREP=1", "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "OK|%CELLULARPRFL: 0|+CGEV: EXCE STATUS 0|+CEREG: 2|+CGEV: ME PDN ACT 0,0|+CEREG: 1",
			"AT+CMEE=1", "OK", "AT%CELLULARPRFL=2,0", "+CME ERROR: 518",
			"AT+CFUN=45", "OK|+CGEV: ME PDN SUSPENDED 0|+CEREG: 0", "AT+CFUN?", "+CFUN: 45|OK", "AT%XSYSTEMMODE=0,0,0,0,1", "OK",
			`AT%LOCATION=2,"60","24","100",2000,0`, "OK", "AT+CFUN=1", "OK|%CELLULARPRFL: 1|+CGEV: EXCE STATUS 0|+CEREG: 2|+CGEV: ME PDN ACT 10,0|+CEREG: 1",
			"AT%XGETPDNID=10", "%XGETPDNID: 10|OK", "AT%XGETPDNID=0", "+CME ERROR: 0", "AT+CGDCONT=19,IP,a", "OK", "AT+CGACT=0,10", "+CME ERROR: 0")
		require.True(t, b.m.Online())
		b.run("AT+CFUN=46", "OK|+CGEV: ME PDN SUSPENDED 10|+CEREG: 0", "AT%XSYSTEMMODE=1,0,0,0,0", "OK",
			"AT+CFUN=1", "OK|%CELLULARPRFL: 0|+CGEV: ME PDN RESUMED 0|+CEREG: 1", "AT+CFUN=4", "OK|+CEREG: 0|+CGEV: ME DETACH")
	})
}
