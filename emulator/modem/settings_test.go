package modem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
)

// What +CFUN=0 stores and a loss of power does not take, and what it takes.
func TestStoredSettings(t *testing.T) {
	set := steps{
		"AT%XSYSTEMMODE=0,1,0,0", "OK", `AT+COPS=1,2,"24201"`, "OK", `AT+CPSMS=1,,,"00100001","00000001"`, "OK", "AT%XDATAPRFL=1", "OK",
		"AT%RAI=1", "OK", "AT%REL14FEAT=1,0,0,0,0", "OK", `AT%XBANDLOCK=1,"111"`, "OK", "AT%XNETTIME=0", "OK", "AT%XCOEX0=1,1,1565,1586", "OK",
		"AT+CGDCONT=1,IP,a", "OK", `AT+CEDRXS=1,4,"0001"`, "OK",
	}
	stored := steps{
		"AT%XSYSTEMMODE?", "%XSYSTEMMODE: 0,1,0,0|OK", "AT+CPSMS?", `+CPSMS: 1,,,"00100001","00000001"|OK`, "AT%XDATAPRFL?", "%XDATAPRFL: 1|OK",
		"AT%RAI?", "%RAI: 1|OK", "AT%REL14FEAT?", "%REL14FEAT: 1,0,0,0,0|OK", "AT%XNETTIME?", "%XNETTIME: 0|OK", "AT%XCOEX0?", "%XCOEX0: 1,1,1565,1586|OK",
		"AT+COPS?", "+COPS: 1|OK", "AT+CEDRXS?", "OK", "AT+CGDCONT?", `+CGDCONT: 0,"","","",0,0|OK`,
	}
	factory := steps{
		"AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,0,0|OK", "AT+CPSMS?", `+CPSMS: 0,,,"",""|OK`, "AT%XDATAPRFL?", "%XDATAPRFL: 2|OK",
		"AT%RAI?", "%RAI: 0|OK", "AT%XBANDLOCK?", `%XBANDLOCK: "",""|OK`, "AT+COPS?", "+COPS: 0|OK",
	}
	for name, c := range map[string]struct {
		then func(*bench)
		want steps
	}{
		"power cut":           {func(*bench) {}, factory},
		"+CFUN=4":             {func(b *bench) { b.run("AT+CFUN=4", "OK") }, factory},
		"+CFUN=0":             {func(b *bench) { b.run("AT+CFUN=0", "OK") }, stored},
		"48 hours":            {func(b *bench) { b.wait(48 * time.Hour) }, stored},
		"in good order":       {func(b *bench) { b.do(b.m.Shutdown) }, stored},
		"stored and reset":    {func(b *bench) { b.run("AT+CFUN=0", "OK", "AT%XFACTORYRESET=1", "OK") }, factory},
		"stored and all gone": {func(b *bench) { b.run("AT+CFUN=0", "OK", "AT%XFACTORYRESET=0", "OK") }, factory},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
				b.run(set...)
				c.then(b)
				b.cut()
				b.run(c.want...)
			})
		})
	}
}

// A stored system mode that makes no sense is told and not used.
func TestDamagedSettings(t *testing.T) {
	var log event.Log
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Log = &log }, func(b *bench) {
		var told []string
		defer log.Subscribe(func(e *event.Event) {
			if e.NVM != nil && e.NVM.Error {
				told = append(told, e.NVM.Reason)
			}
		})()
		require.NoError(t, b.cfg.Store.SaveSettings(map[string][]byte{"%XSYSTEMMODE": []byte("nonsense")}))
		b.cut()
		b.run("AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,0,0|OK")
		require.Equal(t, []string{`the stored system mode "nonsense" cannot be read; the factory's is used`}, told)
	})
}

// Settings that were lost are told, those that were stored are not.
func TestLostSettings(t *testing.T) {
	var log event.Log
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Log = &log }, func(b *bench) {
		lost := 0
		defer log.Subscribe(func(e *event.Event) {
			if e.NVM != nil && e.NVM.Cause == "lost" {
				lost++
			}
		})()
		b.run("AT%XDATAPRFL=1", "OK", "AT+CFUN=0", "OK")
		b.cut()
		b.run("AT%XDATAPRFL=1", "OK") // as it is
		b.cut()
		require.Zero(t, lost)
		b.run("AT%XDATAPRFL=2", "OK")
		b.cut()
		require.Equal(t, 1, lost)
	})
}

func TestFactoryReset(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		const entry = `%CMNG: 7,4,"CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB"|OK`
		b.run(`AT%CMNG=0,7,4,"a"`, "OK", "AT%XFACTORYRESET=2", "ERROR", "AT%XFACTORYRESET=", "ERROR", "AT%XFACTORYRESET?", "ERROR",
			"AT+CFUN=31", "OK", "AT%XFACTORYRESET=1", "ERROR", "AT+CFUN=4", "OK",
			"AT%XFACTORYRESET=1", "OK", "AT%CMNG=1,7", entry, "AT%XFACTORYRESET=0", "OK", "AT%CMNG=1,7", "OK")
	})
}
