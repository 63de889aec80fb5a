package modem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestResetLoop(t *testing.T) {
	for profile, limit := range map[string]int{"nrf9160-1.2.7": 0, "nrf9160-1.3.0": 5, "nrf9160-1.3.7": 7, "nrf9151-2.0.4": 7} {
		t.Run(profile, func(t *testing.T) {
			inBubble(t, profile, nil, func(b *bench) {
				for n := 1; n <= 8; n++ {
					b.send("AT%MDMEV=1", "AT+CEREG=1", "AT+CFUN=1")
					b.take()
					b.wait(10 * time.Second)
					restricted := limit > 0 && n > limit
					require.Equal(t, !restricted, b.m.Online(), "after %d resets", n-1)
					if restricted {
						return
					}
					b.cut()
				}
				require.Zero(t, limit)
			})
		})
	}
}

func TestResetLoopRestriction(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		for range 7 {
			b.send("AT+CFUN=1")
			b.cut()
		}
		b.take()
		b.run("AT%MDMEV=1", "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "OK|%MDMEV: RESET LOOP|+CEREG: 2")
		b.wait(10 * time.Minute)
		b.run("AT+CEREG?", "+CEREG: 1,2|OK", "AT+CFUN=0", "OK|+CEREG: 0")
		b.wait(time.Hour) // it runs only while the modem is active
		b.cut()
		b.cfg.Retained = nil // and is kept in NVM
		b.cut()
		b.run("AT%MDMEV=1", "OK", "AT+CEREG=1", "OK", "AT+CFUN=1", "OK|%MDMEV: RESET LOOP|+CEREG: 2", "AT+CFUN=4", "OK|+CEREG: 0", "AT+CFUN=1", "OK|%MDMEV: RESET LOOP|+CEREG: 2")
		b.wait(20 * time.Minute)
		b.expect()
		b.wait(5 * time.Second)
		b.expect("+CEREG: 2", "%MDMEV: SEARCH STATUS 2", "+CEREG: 1")
		b.run("AT+CFUN=0", "OK|+CEREG: 0")
		b.cut()
		b.run("AT%MDMEV=1", "OK", "AT+CFUN=1", "OK")
	})
}

// What clears the count: +CFUN=0, a minute, a factory reset.
func TestResetCountIsCleared(t *testing.T) {
	for name, calm := range map[string]func(*bench){
		"+CFUN=0":      func(b *bench) { b.send("AT+CFUN=0") },
		"in order":     func(b *bench) { b.do(b.m.Shutdown) },
		"a minute":     func(b *bench) { b.send("AT+CFUN=1"); b.wait(65 * time.Second) },
		"offline, too": func(b *bench) { b.send("AT+CFUN=4"); b.wait(61 * time.Second) },
		"reset":        func(b *bench) { b.send("AT%XFACTORYRESET=0") },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
				for range 6 {
					b.send("AT+CFUN=1")
					b.cut()
				}
				calm(b)
				b.cut()
				for range 5 {
					b.send("AT+CFUN=1")
					b.cut()
				}
				b.take()
				b.run("AT%MDMEV=1", "OK", "AT+CFUN=1", "OK")
			})
		})
	}
	// A registration within the minute starts it again, once: 62 seconds in all.
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		for range 6 {
			b.send("AT+CFUN=1")
			b.cut()
		}
		b.send("AT+CFUN=1")
		b.wait(61 * time.Second)
		b.cut()
		b.take()
		b.run("AT%MDMEV=1", "OK", "AT+CFUN=1", "OK|%MDMEV: RESET LOOP")
	})
	// A modem that was never switched on may lose its power as often as it likes.
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		for range 20 {
			b.cut()
		}
		b.run("AT%MDMEV=1", "OK", "AT+CFUN=1", "OK")
	})
}

// The restriction ends with a factory reset of everything.
func TestFactoryResetEndsRestriction(t *testing.T) {
	for command, want := range map[string]string{"AT%XFACTORYRESET=0": "OK", "AT%XFACTORYRESET=1": "OK|%MDMEV: RESET LOOP"} {
		inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
			for range 7 {
				b.send("AT+CFUN=1")
				b.cut()
			}
			b.take()
			b.run(command, "OK", "AT%MDMEV=1", "OK", "AT+CFUN=1", want)
		})
	}
}
