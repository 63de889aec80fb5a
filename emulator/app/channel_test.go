package app_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/apptest"
	"nrf91emu/emulator/event"
)

// toyMux is a multiplexer of the simplest kind: a digit before each byte says which
// channel it is of, and what is sent comes as <digit:bytes>. It is a service whose
// command attaches it to the UART, as one for 27.010 would be.
type toyMux struct {
	host *app.Host
	old  app.Receiver
	to   [10]*toyChannel
	half byte // the digit that has come
}

type toyChannel struct {
	mux     *toyMux
	number  int
	channel *app.Channel
	context *app.Context
	waiting []byte
}

func (m *toyMux) Stop()           {}
func (m *toyMux) ModemGone(error) {}

var toyKind = app.NewKind("toy multiplexer", func(h *app.Host) *toyMux { return &toyMux{host: h} },
	app.Command[*toyMux]{Name: "#XTOY", Bare: func(m *toyMux, x *app.Exchange) error {
		x.Later()
		x.Finish(nil) // the answer goes out as it is, and all that follows in frames
		uart := m.host.UART()
		first := m.open(1)
		m.old = uart.Attach(m)
		m.host.Move(x.Context(), first.channel)
		first.context = x.Context()
		return nil
	}},
	app.Command[*toyMux]{Name: "#XTOYEND", Bare: func(m *toyMux, x *app.Exchange) error {
		x.Later()
		x.Finish(nil)
		m.host.Move(x.Context(), m.host.UART())
		return nil
	}},
)

func (m *toyMux) open(n int) *toyChannel {
	c := &toyChannel{mux: m, number: n}
	c.channel = app.NewChannel(fmt.Sprint("channel ", n), c)
	m.to[n] = c
	return c
}

// Receive opens a channel with its first byte, and closes it with a !.
func (m *toyMux) Receive(p []byte) int {
	for _, b := range p {
		if m.half == 0 {
			m.half = b
			continue
		}
		n := int(m.half - '0')
		m.half = 0
		c := m.to[n]
		switch {
		case b == '!':
			m.host.Close(c.context)
			m.to[n] = nil
			continue
		case c == nil:
			c = m.open(n)
			c.context = m.host.Open(c.channel)
		}
		c.waiting = append(c.waiting, b)
		c.Ready()
	}
	return len(p)
}

// The three below are the app.Lower of a channel.

func (c *toyChannel) Carry(p []byte) {
	c.mux.host.UART().Write(fmt.Appendf(nil, "<%d:%s>", c.number, p))
}

func (c *toyChannel) Congested(n int) bool { return c.mux.host.Board().Congested(n) }

func (c *toyChannel) Ready() { c.waiting = c.waiting[c.channel.Receive(c.waiting):] }

// on is a text on a channel.
func on(channel int, text string) string {
	var b strings.Builder
	for _, c := range text {
		fmt.Fprintf(&b, "%d%c", channel, c)
	}
	return b.String()
}

// Channels of a multiplexer have a context each, with an echo, data mode and
// notifications of its own, and commands run one after the other.
func TestContextsOnChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := *apptest.Dialect(t, "serial-modem")
		base.Services = append([]*app.Kind{toyKind}, base.Services...)
		d, send := apptest.NewOf(t, "nrf9151-2.0.4", app.NewDialect(base), nil)
		step := func(sent, want string) {
			t.Helper()
			require.Equal(t, want, send(sent), "after %q", sent)
		}
		step("AT#XTOY\r", "\r\nOK\r\n")
		step(on(1, "AT\r"), "<1:\r\nOK\r\n>")
		step(on(2, "ATE1\r"), "<2:\r\nOK\r\n>")
		step(on(1, "AT\r")+on(2, "A"), "<1:\r\nOK\r\n><2:A>")
		step(on(2, "T\r"), "<2:T><2:\r><2:\r\nOK\r\n>")

		// While one channel's command runs, the other's waits.
		step(on(1, "AT#XMODEMRESET\r")+on(3, "AT\r"), "")
		time.Sleep(app.ModemRestart)
		synctest.Wait()
		require.Equal(t, "<1:\r\n#XMODEMRESET: 0\r\n\r\nOK\r\n><3:\r\nOK\r\n>", d.Sent())

		// A modem's notification goes to the first context that there is.
		d.Unsolicited("+CEREG: 1")
		require.Equal(t, "<1:\r\n+CEREG: 1\r\n>", d.Sent())

		// Data mode on one, commands on the other; the socket's owner goes and another
		// context inherits it.
		step(on(3, "AT+CFUN=1\r"), "<3:\r\nOK\r\n>")
		step(on(3, "AT#XSOCKET=1,2,0\r"), "<3:\r\n#XSOCKET: 0,2,17\r\n\r\nOK\r\n>")
		step(on(3, "AT#XSEND=0,2,0\r"), "<3:\r\nOK\r\n>")
		step(on(1, "AT\r"), "<1:\r\nOK\r\n>")
		step(on(3, "+++"), "<3:\r\n#XDATAMODE: 0\r\n>")
		step("3!"+on(1, "AT#XCLOSE=0\r"), "<1:\r\n#XCLOSE: 0,0\r\n\r\nOK\r\n>")

		step("2!"+on(1, "AT#XTOYEND\r"), "<1:\r\nOK\r\n>")
		step("AT\r", "\r\nOK\r\n")
		step("ATE1\rAT\r", "\r\nOK\r\nAT\r\r\nOK\r\n")
	})
}

// A message has the number that its command took, although another channel's message
// leaves before it.
func TestPublishOnTwoChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := *apptest.Dialect(t, "serial-modem")
		base.Services = append([]*app.Kind{toyKind}, base.Services...)
		d, send := apptest.NewOf(t, "nrf9151-2.0.4", app.NewDialect(base), nil)
		near, other := net.Pipe()
		defer other.Close()
		d.Board.Dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
		f := &apptest.Far{Conn: other}
		go f.Keep()
		send("AT+CFUN=1\r")
		send("AT#XTOY\r")
		send(on(1, `AT#XMQTTCON=1,"","","127.0.0.1",1883`+"\r"))
		_, err := f.Write([]byte("\x20\x02\x00\x00")) // CONNACK
		require.NoError(t, err)
		f.Got()
		require.Equal(t, "<1:\r\nOK\r\n><1:\r\n#XMQTTEVT: 0,0\r\n>", d.Sent())
		require.Equal(t, "<1:\r\nOK\r\n>", send(on(1, `AT#XMQTTPUB="a","",1,0`+"\r")))
		require.Equal(t, "<2:\r\nOK\r\n>", send(on(2, `AT#XMQTTPUB="b","x",1,0`+"\r")))
		require.Equal(t, []string{"\x32\x06\x00\x01b\x00\x02x"}, f.Got())
		send(on(1, "y+++"))
		require.Equal(t, []string{"\x32\x06\x00\x01a\x00\x01y"}, f.Got())
	})
}

// A context that is closed sends nothing any more, and nothing of it is noted: no
// notification that it had held back, no quote that was open.
func TestClosedContextIsSilent(t *testing.T) {
	// The one holds notifications back, the other knows of quotes.
	for _, name := range []string{"serial-modem-main", "at-client"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { closedContextIsSilent(t, name) })
		})
	}
}

func closedContextIsSilent(t *testing.T, name string) {
	base := *apptest.Dialect(t, name)
	base.Services = append([]*app.Kind{toyKind}, base.Services...)
	var log event.Log
	open := 0
	log.Subscribe(func(e *event.Event) {
		if e.Input != nil && e.Input.Problem == event.ProblemOpenQuote {
			open++
		}
	})
	d, send := apptest.NewOf(t, "nrf9151-2.0.4", app.NewDialect(base), &log)
	end := string(base.Framing.Terminator.Bytes())
	send("AT#XTOY" + end)
	send(on(2, "AT"+end))
	send(on(1, "AT%CMNG=0,1,0,\"abc"))
	d.Unsolicited("+CEREG: 1")
	d.Sent()
	send("1!")
	time.Sleep(2 * app.OpenQuoteAfter)
	synctest.Wait()
	require.Empty(t, d.Sent())
	require.Zero(t, open)
}
