package emulator_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
)

// TestResetsWhileTimersFire resets and cuts every application while all that has
// timers is under way: it is for the race detector. Many moments are tried, as a
// timer fires at its own.
func TestResetsWhileTimersFire(t *testing.T) {
	for _, d := range dialects.All() {
		t.Run(d.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				air := network.Default()
				air.AttachDelay = 20 * time.Millisecond
				var log event.Log
				log.Subscribe(func(*event.Event) {})
				b := start(t, emulator.Config{Dialect: d, Network: &air, Log: &log, NoExternal: true})
				end := string(d.Framing.Terminator.Bytes())
				for round := range 24 {
					for _, line := range []string{
						"AT+CEREG=5", "AT+CFUN=1", "AT#XDATACTRL=30", "AT#XSLEEP=2", "AT#XMODEMRESET",
						"AT#XRESET", "AT#XRESET", "AT#XPOLL=50", `AT%CMNG=0,1,0,"`,
					}[round%5:] {
						b.send(line + end)
					}
					var wg sync.WaitGroup
					wg.Go(func() { time.Sleep(50 * time.Millisecond); require.NoError(t, b.PowerCycle()) })
					wg.Go(func() { time.Sleep(time.Duration(round) * 5 * time.Millisecond); b.Bench().CrashModem(1, "stress") })
					wg.Go(func() {
						time.Sleep(time.Duration(round%4) * 50 * time.Millisecond)
						b.Bench().SetSupply(2900 + 100*(round%2))
					})
					wg.Go(func() { time.Sleep(2 * time.Second) })
					wg.Wait()
					b.read()
				}
				require.NoError(t, b.PowerCycle())
				b.read()
				require.Contains(t, b.send("AT"+end), "OK", fmt.Sprint("after ", b.Boot(), " boots"))
			})
		})
	}
}
