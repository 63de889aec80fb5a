package modem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

func TestClockForms(t *testing.T) {
	inBubble(t, "nrf9160-1.2.7", nil, func(b *bench) {
		_, ok := b.m.Now()
		require.False(t, ok)
		b.run("AT+CCLK?", "ERROR", "AT%CCLK?", "ERROR", `AT+CCLK="18/12/06,22:10:00+08"`, "OK")
		b.wait(61 * time.Second)
		b.run("AT+CCLK?", `+CCLK: "18/12/06,22:11:01+08"|OK`, "AT%CCLK?", `%CCLK: "18/12/06,22:11:01+08",0|OK`,
			`AT%CCLK="18/12/06,00:10:00-20",1`, "OK", "AT%CCLK?", `%CCLK: "18/12/06,00:10:00-20",1|OK`)
		now, ok := b.m.Now()
		require.True(t, ok)
		require.Equal(t, time.Date(2018, 12, 6, 5, 10, 0, 0, time.UTC), now)
		for _, bad := range []string{"", `"18/12/06,22:10:00"`, `"18/13/06,22:10:00+08"`, `"18/12/06,22:10:00*08"`, `"18/12/06,22:10:00+97"`, `"18/12/06,22:10:00+8"`, "1", `"18/12/06,22:10:00+08",0`} {
			b.run("AT+CCLK="+bad, "ERROR")
		}
		b.run(`AT%CCLK="18/12/06,22:10:00+08"`, "ERROR", `AT%CCLK="18/12/06,22:10:00+08",3`, "ERROR", "AT+CCLK=?", "ERROR")
	})
	inBubble(t, "nrf9160-1.3.7", nil, func(b *bench) {
		b.wait(time.Minute)
		b.run("AT+CCLK?", `+CCLK: "15/02/01,00:01:00"|OK`, "AT%CCLK?", `%CCLK: "15/02/01,00:01:00",0|OK`)
	})
}

func TestNetworkTime(t *testing.T) {
	at := time.Date(2026, 7, 9, 8, 7, 4, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*network.Network)
		before string
		notice string
		read   string
	}{
		"west":       {func(n *network.Network) { n.Zone, n.DST = -14, 1 }, "", `|%XTIME: "49","62709080704049","01"`, `+CCLK: "26/07/09,04:37:04-14"|OK`},
		"not given":  {func(n *network.Network) { n.NoTime = true }, "", "", `+CCLK: "15/02/01,00:00:00"|OK`},
		"not wanted": {func(n *network.Network) { n.Zone = 8 }, "AT%XNETTIME=0", `|%XTIME: "80","62709080704080","00"`, `+CCLK: "15/02/01,00:00:00"|OK`},
		"east":       {func(n *network.Network) { n.Zone = 8 }, "", `|%XTIME: "80","62709080704080","00"`, `+CCLK: "26/07/09,10:07:04+08"|OK`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, "nrf9160-1.3.7", func(cfg *modem.Config) {
				cfg.Network.AttachDelay = 0
				cfg.Network.Time = at
				c.change(cfg.Network)
			}, func(b *bench) {
				if c.before != "" {
					b.run(c.before, "OK")
				}
				b.run("AT%XTIME=1", "OK", "AT%XTIME=2", "ERROR", "AT%XTIME?", "ERROR", "AT+CFUN=1", "OK"+c.notice, "AT+CCLK?", c.read)
			})
		})
	}
}
