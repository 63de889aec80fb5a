package slm_test

import (
	"bytes"
	"testing"

	"nrf91emu/emulator/app/apptest"
)

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
		d, _ := apptest.NewWith(t, "nrf9151-2.0.4", dialect, nil)
		d.Lock()
		defer d.Unlock()
		d.Receive([]byte("AT#XSOCKET=1,2,0\r\n"))
		// A command that waits ends the input.
		if d.Receive(input); bytes.Count(input, []byte("\n"))*20_000+len(input)*2+100_000 < d.Unsent() {
			t.Fatal("too much output")
		}
	})
}
