package dialects_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What a broker sends neither panics nor hangs, and comes to an end.
func FuzzMQTTBroker(f *testing.F) {
	for _, s := range []string{
		connack, "\x20\x02\x00\x05", connack + "\x32\x06\x00\x01t\x00\x09m" + "\x90\x03\x00\x01\x01" + pingresp,
		connack + "\x34\x06\x00\x01t\x00\x09m\x62\x02\x00\x09\x50\x02\x00\x01\x70\x02\x00\x01", "\x30\xff\xff\xff\x7f",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, sent []byte, main bool) {
		synctest.Test(t, func(t *testing.T) {
			dialect := map[bool]string{true: "serial-modem-main", false: "slm"}[main]
			h, far := mqttPeer(t, dialect)
			command, _ := mqttConnect(dialect, `"",""`)
			h.expect(command, ok)
			go far.Write(sent)
			out := h.settle()
			if len(out) > 1000+100*len(sent) {
				t.Fatalf("%d bytes gave %d", len(sent), len(out))
			}
			time.Sleep(10 * time.Minute) // nothing answers the pings
			if out += h.settle(); !strings.HasSuffix(out, "\r\n") || strings.Count(out, "#XMQTTEVT: 1,") < 1 {
				t.Fatalf("the connection has not ended: %q", out)
			}
			h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
		})
	})
}

// Input of any kind neither panics nor hangs SLM.
func FuzzSLMReceive(f *testing.F) {
	for _, s := range []string{
		"AT#XSEND\r\ndata++x+++AT\r\n", "AT#XSENDTO=\"a\",1\r\nabc+++", "AT#XAPOLL=1,5\r\nAT#XSOCKET=0\r\nAT#XSOCKET=0\r\nAT#XSEND=\"a\"\r\n",
		"AT#XTCPSEND\r\n++++\r\nAT#XTCPCLI=0\r\n", "AT#XTCPSVR=1,0\r\nAT#XTCPHANGUP=1\r\nAT#XTCPSVR=0\r\n", "AT#XUDPSVR=1,0\r\nAT#XUDPSEND\r\n",
		"AT#XACCEPT=1\r\nAT#XPOLL=-1\r\n", "xx AT#XSLEEP=2\r\n\r\n", "AT#XSOCKETSELECT=0\r\nAT#XSOCKETSELECT?\r\nAT#XSSOCKETOPT=1,2,\"a\"\r\n",
		"AT#XMQTTCON=1,\"\",\"\",\"127.0.0.1\",1\r\nAT#XMQTTPUB=\"t\"\r\nm+++\r\nAT#XMODEMRESET\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, input []byte, old bool) {
		dialect := "slm"
		if old {
			dialect = "slm-2.4"
		}
		d, _ := newAppWith(t, "nrf9151-2.0.4", dialect, nil)
		d.Lock()
		defer d.Unlock()
		d.Receive([]byte("AT#XSOCKET=1,2,0\r\n"))
		// A command that waits ends the input.
		if d.Receive(input); bytes.Count(input, []byte("\n"))*20_000+len(input)*2+100_000 < d.Unsent() {
			t.Fatal("too much output")
		}
	})
}
