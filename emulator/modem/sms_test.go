package modem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
)

// Of Nordic's own unit tests (fact sms/pdu): "Moi" with a report.
const submitMoi = "AT+CMGS=15\r0021000A912143658709000003CD771A\x1a"

func withSMS(t *testing.T, profile string, test func(*bench)) {
	t.Helper()
	inBubble(t, profile, func(c *modem.Config) {
		c.Network.AttachDelay, c.Network.ServiceCentre, c.Network.Zone = 0, "+358447983402", 8
	}, test)
}

// text sends the modem a message from the network.
func (b *bench) text(from, text string) {
	b.t.Helper()
	b.do(func() { require.NoError(b.t, b.m.SendShortMessage(from, text)) })
}

// states returns what has become of the messages, in order.
func (b *bench) states() string {
	var list []string
	b.do(func() {
		for _, s := range b.m.ShortMessages() {
			list = append(list, fmt.Sprintf("%s %s %q %s", map[bool]string{true: "to", false: "from"}[s.FromModem], s.Peer, s.Text, s.State))
		}
	})
	return strings.Join(list, ", ")
}

func TestShortMessages(t *testing.T) {
	withSMS(t, "nrf9160-1.3.7", func(b *bench) {
		b.run("AT+CNMI?", "+CNMI: 0,0,0,0,1|OK", "AT+CNMI=3,2,0,1", "OK", "AT+CNMI?", "+CNMI: 3,2,0,1,1|OK", "AT+CFUN=1", "OK",
			"AT%XCONNSTAT=1", "OK", submitMoi, "+CMGS: 0|OK")
		b.wait(time.Second)
		b.expect("+CDS: 24\r\n06000A91214365870900101020000080" + "0010102000108000")
		b.run("AT+CNMA=1", "OK", "AT+CNMA=1", "+CMS ERROR: 302", submitMoi, "+CMGS: 1|OK")
		b.wait(time.Second)
		b.take()
		b.run("AT+CNMA", "OK")
		b.text("+1234567890123", "Moi")
		b.expect("+CMT: \"+1234567890123\",23\r\n0791534874894320040D91214365870921F3000000101020002080" + "03CD771A")
		b.text("Nordic", "next")
		b.wait(5 * time.Second)
		b.expect() // one after the other
		b.run("AT+CNMA=0", "OK")
		b.wait(time.Second)
		require.True(t, strings.HasPrefix(b.take(), "+CMT: \"Nordic\",23\r\n0791534874894320040CD0CEB79C9C1E03"))
		b.run("AT+CNMA=1", "OK", "AT%XCONNSTAT?", "%XCONNSTAT=2,2,0,0,0,0|OK")
		require.Equal(t, `to +1234567890 "Moi" reported, to +1234567890 "Moi" reported, from +1234567890123 "Moi" delivered, from Nordic "next" delivered`, b.states())
	})
}

// A message that nobody acknowledges ends the client; it is told again to the next one.
func TestShortMessageNotAcknowledged(t *testing.T) {
	withSMS(t, "nrf9151-2.0.4", func(b *bench) {
		b.run("AT+CNMI=3,2,0,1", "OK", "AT+CFUN=1", "OK")
		b.text("123", "a")
		require.Contains(t, b.take(), `+CMT: "123",`)
		b.wait(15*time.Second - 1)
		b.expect()
		b.wait(1)
		b.expect("+CMS ERROR: 524")
		require.Equal(t, `from 123 "a" waiting`, b.states())
		b.run("AT+CNMI?", "+CNMI: 0,0,0,0,1|OK", "AT+CNMA", "+CMS ERROR: 302")
		require.Contains(t, b.answer("AT+CNMI=3,2,0,1"), `OK|+CMT: "123",`)
		// The power goes before the host has it.
		b.cut()
		require.Equal(t, `from 123 "a" waiting`, b.states())
		b.run("AT+CNMI=3,2,0,0", "OK")
		b.send("AT+CFUN=1")
		require.Contains(t, b.take(), `+CMT: "123",`)
		b.run("AT+CFUN=0", "OK", "AT+CNMI?", "+CNMI: 0,0,0,0,1|OK")
		require.Equal(t, `from 123 "a" waiting`, b.states())
	})
}

// The host refuses: for good, or until it has room.
func TestShortMessageRefused(t *testing.T) {
	withSMS(t, "nrf9160-1.3.7", func(b *bench) {
		b.run("AT%XSMMA", "+CMS ERROR: 300", "AT+CNMI=3,2,0,1", "OK", "AT%XSMMA", "+CMS ERROR: 300", "AT+CFUN=1", "OK")
		b.text("123", "a")
		b.text("123", "b")
		b.take()
		b.run("AT+CNMA=2,3\r00FF00\x1a", "OK")
		b.wait(time.Second)
		require.Contains(t, b.take(), "+CMT")
		b.run("AT+CNMA=2,4\r00D300\x1a", "+CMS ERROR: 304", "AT+CNMA=2,3\r00D30X\x1a", "+CMS ERROR: 304", "AT+CNMA=2,3\r00D300\x1a", "OK")
		b.wait(time.Hour)
		b.expect()
		require.Equal(t, `from 123 "a" refused, from 123 "b" waiting`, b.states())
		b.run("AT%XSMMA", "OK")
		b.wait(time.Second)
		require.Contains(t, b.take(), "+CMT")
		b.run("AT+CNMA=3", "+CMS ERROR: 302", "AT+CNMA=1,1,1", "+CMS ERROR: 302", "AT+CNMA=1", "OK")
	})
}

// A message wakes the modem from idle, and waits while it sleeps.
func TestShortMessageAndSleep(t *testing.T) {
	withSMS(t, "nrf9160-1.3.7", func(b *bench) {
		b.run(`AT+CPSMS=1,,,"00100001","00000001"`, "OK", "AT+CNMI=3,2,0,1", "OK", "AT+CSCON=1", "OK", "AT+CFUN=1", "OK|+CSCON: 1")
		b.wait(10 * time.Second)
		b.expect("+CSCON: 0")
		b.text("123", "idle")
		require.Contains(t, b.take(), "+CSCON: 1\n+CMT: ")
		b.run("AT+CNMA", "OK")
		b.wait(20 * time.Second)
		b.expect("+CSCON: 0")
		b.text("123", "asleep")
		b.expect()
		b.do(func() { b.m.Traffic(1, 0) })
		require.Contains(t, b.take(), "+CSCON: 1\n+CMT: ")
	})
}

func TestShortMessageErrors(t *testing.T) {
	withSMS(t, "nrf9160-1.3.7", func(b *bench) {
		b.run(submitMoi, "+CMS ERROR: 302", "AT+CMGF=0", "+CMS ERROR: 302", "AT+CNMA", "+CMS ERROR: 302", "AT+CNMI=1,2,0,0", "+CMS ERROR: 302",
			"AT+CNMI=3", "+CMS ERROR: 302", "AT+CNMI=3,2,0,2", "+CMS ERROR: 302", "AT+CNMI=0,0,0,1", "+CMS ERROR: 302", "AT+CNMI=3,2,0,1,1", "+CMS ERROR: 302",
			"AT+CNMI=3,2,5,0", "OK", "AT+CNMI?", "+CNMI: 3,2,0,0,1|OK", "AT+CNMI=", "OK", "AT+CNMI?", "+CNMI: 0,0,0,0,1|OK", "AT+CNMI=3,2,0,1", "OK", "AT+CNMI", "OK",
			"AT+CNMI=3,2,0,1", "OK", "AT+CMGF=0", "OK", "AT+CMGF=", "OK", "AT+CMGF=1", "+CMS ERROR: 302", "AT+CMGF?", "+CMGF: 0|OK", "AT+CMGF=?", "+CMGF: (0)|OK",
			submitMoi, "+CMS ERROR: 517", "AT+CNMA=?", "+CNMA: (0-2)|OK", "AT+CMGS?", "ERROR", "AT+CMGS=?", "ERROR", "AT+CMGS=15", "ERROR", "AT+CNMI=?", "ERROR",
			"AT+CPMS?", `+CPMS: "MT",0,0,"MT",0,0,"MT",0,0|OK`, "AT+CPMS=?", `+CPMS: ("MT"),("MT"),("MT")|OK`, `AT+CPMS="MT","MT","MT"`, "+CPMS: 0,0,0,0,0,0|OK", `AT+CPMS="SM"`, "ERROR",
			"AT+CGSMS?", "+CGSMS: 1|OK", "AT+CGSMS=?", "+CGSMS: (1)|OK", "AT+CGSMS=1", "OK", "AT+CGSMS=0", "ERROR", "AT+CMMS=1", "OK", "AT+CMMS=0", "OK",
			"AT+CMGL", "ERROR", "AT+CMGR=1", "ERROR", "AT+CSCA?", "ERROR", "AT+CSMS?", "ERROR")
		for _, line := range []string{
			"AT+CMGS=14\r0021000A912143658709000003CD771A\x1a", "AT+CMGS=15\r0021000A912143658709000003CD77\x1a", "AT+CMGS=15\r0021000A912143658709000003CD771\x1a",
			"AT+CMGS=15\rFF21000A912143658709000003CD771A\x1a", "AT+CMGS=15\r0000000A912143658709000003CD771A\x1a", "AT+CMGS=165\r00\x1a", "AT+CMGS=1,1\r00\x1a",
			"AT+CMGS=15\r\x1a",
		} {
			b.run(line, "+CMS ERROR: 304")
		}
		b.run("AT+CFUN=4", "OK")
		b.do(func() {
			require.Error(t, b.m.SendShortMessage("", "x"))
			require.Error(t, b.m.SendShortMessage("a name too long", "x"))
			for range 200 {
				require.NoError(t, b.m.SendShortMessage("1", "x"))
			}
			require.ErrorIs(t, b.m.SendShortMessage("1", "x"), modem.ErrTooManyMessages)
			require.Len(t, b.m.ShortMessages(), 200)
		})
	})
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.AttachDelay, c.Network.RejectCause = 0, 18 }, func(b *bench) {
		b.run("AT+CNMI=3,2,0,1", "OK", "AT+CFUN=1", "OK", submitMoi, "+CMS ERROR: 331")
	})
	inBubble(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network.Absent = true }, func(b *bench) {
		b.run("AT+CNMI=3,2,0,1", "OK", "AT+CFUN=1", "OK", submitMoi, "+CMS ERROR: 331")
	})
}
