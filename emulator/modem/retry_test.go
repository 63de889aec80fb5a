package modem_test

import (
	"testing"
	"time"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
)

// A network that fails is tried five times, then there is a pause, then again; once it
// lets the modem in, nothing is left of it.
func TestRetryAfterNetworkFailure(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.RejectCause, c.Network.AttachDelay = 17, 0
	}, func(b *bench) {
		b.run("AT+CNEC=8", "OK", "AT+CGEREP=1", "OK", "AT+CFUN=1", "OK|+CNEC_EMM: 17")
		for range 3 {
			b.wait(9 * time.Second)
			b.expect()
			b.wait(time.Second)
			b.expect("+CNEC_EMM: 17")
		}
		b.wait(10 * time.Second)
		b.expect("+CNEC_EMM: 17", "+CGEV: RESTR 2,2")
		b.wait(12*time.Minute - time.Second)
		b.expect()
		b.wait(time.Second)
		b.expect("+CNEC_EMM: 17")
		b.run("AT+CFUN=4", "OK")
		b.wait(time.Hour)
		b.expect()
	})
}

func TestRetryAfterCongestion(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Network.RejectCause, c.Network.AttachDelay = 22, 0
	}, func(b *bench) {
		b.run("AT+CNEC=8", "OK", "AT+CFUN=1", "OK|+CNEC_EMM: 22")
		b.wait(15*time.Minute - time.Second)
		b.expect()
		b.wait(time.Second)
		b.expect("+CNEC_EMM: 22")
	})
}

// Where a network does not let the modem in, it tries another one, unless one was
// chosen by hand.
func TestRetryOnAnotherNetwork(t *testing.T) {
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) {
		n := c.Network
		n.RejectCause, n.AttachDelay = 15, 0
		n.Others = []network.Operator{{PLMN: "24299", Forbidden: true}, {PLMN: "24202"}}
	}, func(b *bench) {
		b.run("AT+CEREG=1", "OK", "AT+CFUN=1", "OK|+CEREG: 2|+CEREG: 2")
		b.wait(time.Second)
		b.expect("+CEREG: 2", "+CEREG: 5")
		b.run("AT+COPS?", `+COPS: 0,2,"24202",7|OK`, "AT+CFUN=4", "OK|+CEREG: 0", `AT+COPS=1,2,"24201"`, "OK", "AT+CFUN=1", "OK|+CEREG: 2|+CEREG: 2")
		b.wait(time.Hour)
		b.expect()
	})
}
