package slm_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/apptest"
)

var slmDialects = []string{"slm", "slm-2.4"}

func echo(c net.Conn) { io.Copy(c, c) }

// Start, the generic commands, and the framing.
func TestSLMOnTheWire(t *testing.T) {
	for _, c := range []struct{ what, sent, want string }{
		{"", "AT\r\n", apptest.OK},
		{"", "at+cfun?\r\n", "\r\n+CFUN: 0\r\n" + apptest.OK},
		{"", "AT+CFUN=9\r\n", apptest.Refused},
		{"grammar", "AT&F\r\n", apptest.Refused},
		{"grammar", "AT&XSOCKET=1,1,0\r\n", apptest.Refused},
		{"from the modem", "AT#XNOSUCH=1\r\n", apptest.Refused},
		{"no AT", "hello\r\n", apptest.Refused},
		{"begins at AT", "datE1\r\nxx AT+CFUN?\r\n", apptest.Refused + "\r\n+CFUN: 0\r\n" + apptest.OK},
		{"begins at the first AT", "AATAT\r\n", apptest.Refused},
		{"no echo", "ATE0\r\nATE1\r\n", apptest.Refused + apptest.Refused},
		{"a bare CR stays in the line", "AT\rAT\r\n", apptest.Refused},
		{"a bare LF stays in the line", "AT\nAT\r\n", apptest.Refused},
		{"blank lines", "\r\n \r\n", ""},
		{"too long", "AT+" + strings.Repeat("x", 4200) + "\r\nAT\r\n", apptest.Refused + apptest.OK},
		{"deleting a quote undoes it", "AT\"\b\r\n", apptest.OK},
		{"", "AT#XSLMVER?\r\n", apptest.Refused},
		{"", "AT#XSMVER\r\n", apptest.Refused},
		{"", "AT#XUUID\r\n", apptest.Line("#XUUID: 50503041-3633-4261-803d-1e2b8f70111a")},
		{"", "AT#XSLEEP=?\r\n", apptest.Line("#XSLEEP: (1,2)")},
		{"", "AT#XDATACTRL=1\r\n", apptest.Refused},
		{"", "AT#XDATACTRL=200\r\nAT#XDATACTRL?\r\n", apptest.OK + apptest.Line("#XDATACTRL: 200,32")},
		{"", "AT#XDATACTRL=?\r\n", apptest.Line("#XDATACTRL=<time_limit>")},
		{"", "AT#XCLOSE\r\nAT#XRECVCFG=?\r\n", apptest.Refused + apptest.Refused},
		{"no socket", "AT#XSOCKET=0\r\nAT#XSSOCKET=0\r\nAT#XSOCKET?\r\nAT#XSSOCKET?\r\nAT#XSOCKETSELECT?\r\n", strings.Repeat(apptest.OK, 5)},
	} {
		for _, dialect := range slmDialects {
			t.Run(dialect+"/"+c.what+c.sent[:min(len(c.sent), 20)], func(t *testing.T) {
				_, send := apptest.New(t, dialect, nil)
				require.Equal(t, c.want, send(c.sent))
			})
		}
	}
	_, send := apptest.New(t, "slm", nil)
	require.Equal(t, apptest.Line(`#XSLMVER: "3.1.0","3.1.0"`), send("AT#XSLMVER\r\n"))
	require.Contains(t, send("AT#XCLAC\r\n"), "\r\nAT#XSLMVER\r\nAT#XSLEEP\r\n")
	_, send = apptest.New(t, "slm-2.4", nil)
	require.Equal(t, apptest.Line(`#XSLMVER: "2.4.0","2.3.0"`), send("AT#XSLMVER\r\n"))
	require.Equal(t, apptest.Refused+apptest.Refused, send("AT#XMODEMRESET\r\nAT#XAPOLL=?\r\n"))
	clac := send("AT#XCLAC\r\n")
	require.NotContains(t, clac, "XMQTTCFG")
	require.Contains(t, clac, "AT#XMQTTCON\r\n")
}

// A TCP client.
func TestSLMPlainTCP(t *testing.T) {
	for _, dialect := range slmDialects {
		t.Run(dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			port := apptest.Serve(t, echo)
			h.Expect("AT#XSOCKET=?", "\r\n#XSOCKET: (0,1,2),(1,2,3),(0,1),<cid>"+apptest.OK)
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
			h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 0,1,0,1,0"))
			h.Expect("AT#XSSOCKET?", apptest.Line("#XSSOCKET: 0,1,0,1,-1,0"))
			h.Expect("AT#XSOCKETOPT=1,20,30", apptest.OK)
			h.Expect("AT#XSOCKETOPT=0,20", apptest.Line("#XSOCKETOPT: 30"))
			h.Expect("AT#XSOCKETOPT=?", apptest.Line("#XSOCKETOPT: (0,1),<name>,<value>"))
			h.Expect(`AT#XSEND="Test"`, "\r\n#XSEND: 0\r\n"+apptest.Refused)
			h.Expect(`AT#XCONNECT="127.0.0.1",0`, apptest.Refused)
			h.Expect(fmt.Sprintf(`AT#XCONNECT="server.example",%d`, port), apptest.Line("#XCONNECT: 1"))
			h.Expect(`AT#XSEND="Test TCP"`, apptest.Line("#XSEND: 8"))
			h.Expect("AT#XRECV=0", "\r\n#XRECV: 8\r\nTest TCP"+apptest.OK)
			h.Expect("AT#XRECV=0,64", apptest.Refused)
			h.Expect(`AT#XSEND=""`, apptest.Line("#XSEND: 0"))
			h.Expect("AT#XSEND", apptest.OK)
			h.ExpectRaw(`Hello, "world",+++`, apptest.Left)
			h.Expect("AT#XRECV=5", "\r\n#XRECV: 15\r\nHello, \"world\","+apptest.OK)
			if dialect == "slm" {
				h.Expect("AT#XSEND=,512", apptest.OK)
				h.ExpectRaw("+++", apptest.Left)
				h.Expect(`AT#XSEND="a",1`, apptest.Refused)
				h.Expect(`AT#XSEND="a",512`, apptest.Line("#XSEND: 1"))
			}
			for _, wrong := range []string{
				"AT#XSEND?", "AT#XRECV", "AT#XRECV?", "AT#XRECV=", "AT#XRECV=0,1", "AT#XBIND=70000", "AT#XLISTEN", "AT#XACCEPT=1",
				"AT#XACCEPT?", "AT#XSOCKETOPT=0,34", "AT#XSSOCKETOPT=0,2", "AT#XSSOCKETOPT=2,2", "AT#XSOCKETSELECT=5", "AT#XSOCKETSELECT=?",
			} {
				h.Expect(wrong, apptest.Refused)
			}
			h.Expect("AT#XSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))
			h.Expect("AT#XSOCKET?", apptest.OK)
			if dialect == "slm" { // which does not ask whether there is a socket, nor what is wanted
				h.Expect(`AT#XSEND="Test"`, "\r\n#XSEND: 0\r\n"+apptest.Refused)
				h.Expect("AT#XSEND", apptest.OK)
				h.ExpectRaw("Test+++", apptest.Left)
				h.Expect("AT#XSOCKETOPT=2,20", apptest.OK)
				return
			}
			h.Expect(`AT#XSEND="Test"`, apptest.Refused)
			h.Expect("AT#XSEND", apptest.Refused)
			h.Expect("AT#XSOCKETOPT=2,20", apptest.Refused)
		})
	}
}

func TestSLMInlineLimit(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	port, conn := apptest.Peer(t)
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 1"))
	h.Expect(`AT#XSEND="`+strings.Repeat("x", 1025)+`"`, apptest.Refused)
	h.Expect(`AT#XSEND="`+strings.Repeat("x", 1024)+`"`, apptest.Line("#XSEND: 1024"))
	c := conn()
	require.Equal(t, strings.Repeat("x", 1024), apptest.Read(t, c, 1024))
	apptest.Write(t, c, "abc")
	h.Expect("AT#XPOLL=-1", apptest.Line(`#XPOLL: 0,"0x0001"`))
	h.Expect("AT#XRECV=5,2", "\r\n#XRECV: 3\r\nabc"+apptest.OK) // only looks
	h.Expect("AT#XRECV=5,64", "\r\n#XRECV: 3\r\nabc"+apptest.OK)
}

func TestSLMPeerCloses(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	port := apptest.Serve(t, func(c net.Conn) { io.WriteString(c, "bye") })
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 1"))
	h.Expect("AT#XRECV=5", "\r\n#XRECV: 3\r\nbye"+apptest.OK)
	h.Expect("AT#XRECV=5", apptest.OK)
}

// What cannot be sent in data mode is lost, and the host is not told. A datagram that
// does not fit ends it with the errno.
func TestSLMDataModeLoses(t *testing.T) {
	for _, dialect := range []string{"slm", "slm-2.4"} {
		h := apptest.NewHost(t, dialect)
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect("AT#XSEND", apptest.OK)
		h.ExpectRaw("Test+++", apptest.Left)
		h.Expect("AT", apptest.OK)
		h.Expect("AT#XSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))
		h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17"))
		h.Expect(`AT#XSENDTO="127.0.0.1",1`, apptest.OK)
		h.Quiet(strings.Repeat("d", 4097))
		h.ExpectRaw("+++", apptest.URC("#XDATAMODE: -139"))
	}
}

// Notifications of the modem are lost in data mode, and fall where they fall.
func TestSLMNotifications(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	h.Quiet("AT+CF")
	h.Unsolicited("+CEREG: 1")
	h.Unasked(apptest.URC("+CEREG: 1"))
	h.Expect("UN?", "\r\n+CFUN: 1\r\n"+apptest.OK)
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect("AT#XSEND", apptest.OK)
	h.Unsolicited("+CEREG: 2")
	h.ExpectRaw("+++", apptest.Left)
	h.Expect("AT", apptest.OK)
}

// A TCP server and polling.
func TestSLMSelect(t *testing.T) {
	for _, dialect := range slmDialects {
		t.Run(dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
			h.Expect("AT#XSSOCKET=1,1,0,1000", apptest.Line("#XSSOCKET: 1,1,258"))
			h.Expect("AT#XSOCKETSELECT?",
				"\r\n#XSOCKETSELECT: 0,1,0,1,-1,1,0\r\n\r\n#XSOCKETSELECT: 1,1,0,1,1000,2,0\r\n\r\n#XSOCKETSELECT: 1\r\n"+apptest.OK)
			h.Expect("AT#XSOCKETSELECT=0", apptest.Line("#XSOCKETSELECT: 0"))
			h.Expect("AT#XSOCKETSELECT=9", apptest.Refused)
			h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 0,1,0,1,0"))
			h.Expect("AT#XSOCKET=2,2,1", apptest.Line("#XSOCKET: 2,2,17"))
			h.Expect("AT#XSOCKET=1,3,1", apptest.Line("#XSOCKET: 3,3,0"))
			h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 3,3,0,3,0"))
			h.Expect("AT#XSSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))
			h.Expect("AT#XSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))
			h.Expect("AT#XSSOCKET?", apptest.Line("#XSSOCKET: 1,1,0,1,1000,0"))

			// A failed open selects the last one, or none in older releases.
			h.Expect("AT#XSOCKETSELECT=0", apptest.Line("#XSOCKETSELECT: 0"))
			h.Expect("AT#XSOCKET=1,4,0", apptest.Refused)
			selected, last := "", ""
			if dialect == "slm" {
				selected, last = "\r\n#XSOCKET: 1,1,0,1,0\r\n", "\r\n#XSOCKETSELECT: 1\r\n"
			}
			h.Expect("AT#XSOCKET?", selected+apptest.OK)
			h.Expect("AT#XSOCKETSELECT?", "\r\n#XSOCKETSELECT: 0,1,0,1,-1,1,0\r\n\r\n#XSOCKETSELECT: 1,1,0,1,1000,2,0\r\n"+last+apptest.OK)
			for i := 2; i < 7; i++ {
				h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: %d,1,6", i))
			}
			h.Expect("AT#XSOCKET=1,1,0", apptest.Refused)
			h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 6,1,0,1,0"))
		})
	}
}

func TestSLMServer(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	port := apptest.FreePort(t)
	h.Expect("AT#XSOCKET=1,1,1", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), apptest.Refused)
	h.Expect(fmt.Sprintf("AT#XBIND=%d", port), apptest.OK)
	h.Expect("AT#XLISTEN", apptest.OK)
	h.Expect("AT#XACCEPT?", apptest.Line("#XTCPACCEPT: 0"))
	h.Expect(`AT#XSEND="a"`, apptest.Refused)
	h.Expect("AT#XPOLL=0", apptest.OK)
	c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	defer c.Close()
	h.Expect("AT#XPOLL=-1,0", apptest.Line(`#XPOLL: 0,"0x0001"`))
	h.Expect("AT#XACCEPT=60", apptest.Line(`#XACCEPT: 1,"127.0.0.1"`))
	h.Expect("AT#XACCEPT?", apptest.Line("#XTCPACCEPT: 1"))
	h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 0,1,1,1,0"))
	apptest.Write(t, c, "in")
	h.Expect("AT#XRECV=5", "\r\n#XRECV: 2\r\nin"+apptest.OK)
	h.Expect(`AT#XSEND="out"`, apptest.Line("#XSEND: 3"))
	require.Equal(t, "out", apptest.Read(t, c, 3))
	h.Expect("AT#XSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

func TestSLMWaits(t *testing.T) {
	apptest.Bubble(t, "poll", func(t *testing.T) {
		h, _ := apptest.NewFar(t, "slm")
		h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17"))
		h.Quiet("AT#XPOLL=2000\r\n")
		time.Sleep(2*time.Second - 1)
		h.Quiet("")
		time.Sleep(time.Nanosecond)
		require.Equal(t, apptest.OK, h.Settle())
		h.Expect("AT#XPOLL=2000,1", apptest.Refused)
		h.Expect("AT#XPOLL=-2", apptest.Refused)
		h.Expect("AT#XPOLL", apptest.Refused)
	})
	apptest.Bubble(t, "poll gets data", func(t *testing.T) {
		h, f := apptest.NewFar(t, "slm")
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect(`AT#XCONNECT="127.0.0.1",1`, apptest.Line("#XCONNECT: 1"))
		h.Quiet("AT#XPOLL=2147483647,0\r\n")
		require.Equal(t, 1, h.WaitingTimers())
		time.Sleep(time.Second)
		h.Hear(f, "x", apptest.Line(`#XPOLL: 0,"0x0001"`))
		require.Zero(t, h.WaitingTimers(), "a poll that has ended keeps no timer for 24 days")
		h.Expect("AT#XPOLL=2000", apptest.Line(`#XPOLL: 0,"0x0001"`))
		f.Close()
		h.Settle()
		h.Expect("AT#XPOLL=2000", apptest.Line(`#XPOLL: 0,"0x0011"`))
	})
	apptest.Bubble(t, "receive", func(t *testing.T) {
		h, _ := apptest.NewFar(t, "slm")
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect(`AT#XCONNECT="127.0.0.1",1`, apptest.Line("#XCONNECT: 1"))
		h.Quiet("AT#XRECV=5\r\n")
		time.Sleep(5 * time.Second)
		require.Equal(t, apptest.Refused, h.Settle())
	})
}

func TestSLMAsyncPolling(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	port, conn := apptest.Peer(t)
	h.Expect("AT#XAPOLL=?", apptest.Line("#XAPOLL: (0,1),<0,1,4,5>,<handle1>,<handle2>,..."))
	h.Expect("AT#XAPOLL?", apptest.Line("#XAPOLL: 0,0"))
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17"))
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 1,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 1"))
	h.Expect("AT#XAPOLL=1,2", apptest.Refused)
	h.Expect("AT#XAPOLL=1", apptest.Refused)
	h.Expect("AT#XAPOLL=1,1,5", apptest.Refused)
	h.Expect("AT#XAPOLL=1,1,1", apptest.OK)
	h.Expect("AT#XAPOLL?", apptest.Line("#XAPOLL: 1,1,1"))
	h.Expect("AT#XPOLL=0", apptest.Refused)
	c := conn()
	apptest.Write(t, c, "x")
	h.Unasked(apptest.URC("#XAPOLL: 1,1"))
	h.Expect("AT#XRECV=5", "\r\n#XRECV: 1\r\nx"+apptest.OK)
	apptest.Write(t, c, "y")
	h.Unasked(apptest.URC("#XAPOLL: 1,1"))
	h.Expect("AT#XAPOLL=0", apptest.OK)
	h.Expect("AT#XPOLL=0", apptest.Line(`#XPOLL: 1,"0x0001"`))

	// All sockets, those to come as well.
	h.Expect("AT#XAPOLL=1,4", apptest.OK+apptest.URC("#XAPOLL: 0,4")+apptest.URC("#XAPOLL: 1,4"))
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 2,2,17")+apptest.URC("#XAPOLL: 2,4"))
	h.Expect("AT#XAPOLL?", apptest.Line("#XAPOLL: 1,4"))
	h.Expect("AT#XAPOLL=0", apptest.OK)
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 3,2,17"))
}

func TestSLMUDP(t *testing.T) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			c.WriteTo(buf[:n], from)
		}
	}()
	port := netip.MustParseAddrPort(c.LocalAddr().String()).Port()
	for dialect, from := range map[string]string{"slm": fmt.Sprintf(",%d", port), "slm-2.4": ""} {
		h := apptest.NewHost(t, dialect)
		h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17"))
		h.Expect("AT#XBIND=0", apptest.OK)
		h.Expect(fmt.Sprintf(`AT#XSENDTO="server.example",%d,"Test UDP"`, port), apptest.Line("#XSENDTO: 8"))
		h.Expect("AT#XRECVFROM=0", fmt.Sprintf("\r\n#XRECVFROM: 8,\"127.0.0.1\"%s\r\nTest UDP%s", from, apptest.OK))
		h.Expect(fmt.Sprintf(`AT#XSENDTO="127.0.0.1",%d`, port), apptest.OK)
		h.ExpectRaw("data+++", apptest.Left)
		h.Expect("AT#XRECVFROM=0", fmt.Sprintf("\r\n#XRECVFROM: 4,\"127.0.0.1\"%s\r\ndata%s", from, apptest.OK))
		h.Expect(`AT#XSENDTO="127.0.0.1",0,"a"`, apptest.Refused)
	}
}

// Options that differ between the releases.
func TestSLMOptions(t *testing.T) {
	for _, c := range []struct{ dialect, command, want string }{
		{"slm", "AT#XSSOCKETOPT=1,18,3", apptest.OK},
		{"slm", "AT#XSSOCKETOPT=1,14,1", apptest.OK}, // the connection id
		{"slm", "AT#XSSOCKETOPT=1,14,7", apptest.Refused},
		{"slm", "AT#XSSOCKETOPT=0,15", apptest.Line("#XSSOCKETOPT: 0")},
		{"slm", "AT#XSSOCKETOPT=1,19,1", apptest.Refused},
		{"slm", "AT#XSOCKETOPT=1,61,2", apptest.OK},
		{"slm", "AT#XSOCKETOPT=1,50", apptest.Refused},
		{"slm", "AT#XSOCKETOPT=0,62", apptest.Line("#XSOCKETOPT: 0")},
		{"slm", "AT#XSOCKETOPT=0,55", apptest.Line("#XSOCKETOPT: 0")},
		{"slm-2.4", "AT#XSSOCKETOPT=1,14,7", apptest.OK},
		{"slm-2.4", "AT#XSSOCKETOPT=1,18,7", apptest.Refused},
		{"slm-2.4", "AT#XSSOCKETOPT=1,15,7", apptest.Refused},
		{"slm-2.4", "AT#XSOCKETOPT=1,51", apptest.OK},
		{"slm-2.4", "AT#XSOCKETOPT=1,54,9", apptest.OK},
		{"slm-2.4", "AT#XSOCKETOPT=0,54", apptest.Refused},
		{"slm-2.4", "AT#XSOCKETOPT=1,61,2", apptest.Refused},
		{"slm-2.4", "AT#XSOCKETOPT=0,62", apptest.Refused},
		{"slm", `AT#XSSOCKETOPT=1,2,"test.server.com"` + "\r\nAT#XSSOCKETOPT=0,2", apptest.OK + apptest.Line("#XSSOCKETOPT: test.server.com")},
		{"slm", `AT#XSSOCKETOPT=1,2,"null"` + "\r\nAT#XSSOCKETOPT=0,2", apptest.OK + apptest.Line("#XSSOCKETOPT: ")},
		{"slm", "AT#XSSOCKETOPT=0,5", apptest.Line("#XSSOCKETOPT: 2")},
		{"slm", "AT#XSSOCKETOPT=1,5", apptest.Refused},
		{"slm", "AT#XSSOCKETOPT=?", apptest.Line("#XSSOCKETOPT: (0,1),<name>,<value>")},
		{"slm", "AT#XSSOCKET=?", apptest.Line("#XSSOCKET: (0,1,2),(1,2),(0,1),<sec_tag>,<peer_verify>,<cid>")},
		{"slm", "AT#XSSOCKET=1,1,1,5\r\nAT#XSSOCKETOPT=0,5", apptest.Line("#XSSOCKET: 1,1,258") + apptest.Line("#XSSOCKETOPT: 0")},
	} {
		t.Run(c.dialect+"/"+c.command, func(t *testing.T) {
			h := apptest.NewHost(t, c.dialect)
			h.Expect("AT#XSSOCKET=1,2,0,1", apptest.Line("#XSSOCKET: 0,2,273"))
			h.Expect(c.command, c.want)
		})
	}
}

// tlsServer is an echo server for server.example, and its CA certificate.
func tlsServer(t *testing.T) (port uint16, ca string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server.example"}, DNSNames: []string{"server.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	require.NoError(t, err)
	cfg := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	port = apptest.Serve(t, func(c net.Conn) {
		s := tls.Server(c, cfg)
		defer s.Close()
		echo(s)
	})
	return port, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// A TLS client, as sockets and as a proxy.
func TestSLMTLS(t *testing.T) {
	port, ca := tlsServer(t)
	for _, dialect := range slmDialects {
		t.Run(dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			h.Provision(`1000,0,"` + ca + `"`)
			h.Expect("AT#XSSOCKET=1,1,0,1000", apptest.Line("#XSSOCKET: 0,1,258"))
			h.Expect(`AT#XSSOCKETOPT=1,2,"server.example"`, apptest.OK)
			h.Expect(fmt.Sprintf(`AT#XCONNECT="server.example",%d`, port), apptest.Line("#XCONNECT: 1"))
			h.Expect("AT#XSSOCKETOPT=0,4", apptest.Line("#XSSOCKETOPT: 0xc02b"))
			h.Expect(`AT#XSEND="Test TLS client"`, apptest.Line("#XSEND: 15"))
			h.Expect("AT#XRECV=0", "\r\n#XRECV: 15\r\nTest TLS client"+apptest.OK)
			h.Expect("AT#XSSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))

			h.Expect("AT#XTCPCLI?", apptest.Line("#XTCPCLI: -1,0"))
			h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d,1000`, port), apptest.Line(`#XTCPCLI: 0,"connected"`))
			h.Expect("AT#XTCPCLI?", apptest.Line("#XTCPCLI: 0,1"))
			h.Expect(`AT#XTCPSEND="Test TLS client"`, apptest.Line("#XTCPSEND: 15")+"\r\n#XTCPDATA: 15\r\nTest TLS client")
			h.Expect("AT#XTCPCLI=0", apptest.URC(`#XTCPCLI: 0,"disconnected"`)+apptest.OK)
			h.Expect("AT#XTCPCLI?", apptest.Line("#XTCPCLI: -1,1"))

			// The wrong name is refused where names are checked.
			by := fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d,1000`, port)
			if dialect == "slm" {
				h.Expect(by, "\r\n#XTCPCLI: -111,\"not connected\"\r\n"+apptest.Refused)
				h.Expect(by+",2,0", apptest.Line(`#XTCPCLI: 0,"connected"`))
			} else {
				h.Expect(by, apptest.Line(`#XTCPCLI: 0,"connected"`))
			}
			h.Expect("AT#XTCPCLI=0", apptest.URC(`#XTCPCLI: 0,"disconnected"`)+apptest.OK)
			h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d,1001`, port), "\r\n#XTCPCLI: -111,\"not connected\"\r\n"+apptest.Refused)
		})
	}
}

// DTLS with a pre-shared key.
func TestSLMDTLS(t *testing.T) {
	addr := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	ln, err := dtls.ListenWithOptions("udp4", addr,
		dtls.WithPSK(func([]byte) ([]byte, error) { return []byte("nrf91test"), nil }),
		dtls.WithPSKIdentityHint([]byte("hint")),
		dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CBC_SHA256))
	require.NoError(t, err)
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go echo(c)
		}
	}()
	port := netip.MustParseAddrPort(ln.Addr().String()).Port()

	h := apptest.NewHost(t, "slm")
	h.Provision(`1001,3,"6e7266393174657374"`, `1001,4,"nrf91test"`)
	h.Expect("AT#XSSOCKET=1,2,0,1001", apptest.Line("#XSSOCKET: 0,2,273"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT="server.example",%d`, port), apptest.Line("#XCONNECT: 1"))
	h.Expect(`AT#XSEND="Test DTLS client"`, apptest.Line("#XSEND: 16"))
	h.Expect("AT#XRECV=5", "\r\n#XRECV: 16\r\nTest DTLS client"+apptest.OK)
	h.Expect("AT#XSSOCKET=0", apptest.Line(`#XSOCKET: 0,"closed"`))
	h.Expect(fmt.Sprintf(`AT#XUDPCLI=1,"server.example",%d,1001`, port), apptest.Line(`#XUDPCLI: 0,"connected"`))
	// What comes back may be there before OK.
	data, answer := fmt.Sprintf("\r\n#XUDPDATA: 16,\"127.0.0.1\",%d\r\nTest DTLS client", port), apptest.Line("#XUDPSEND: 16")
	got := h.Send("AT#XUDPSEND=\"Test DTLS client\"\r\n")
	got += h.Await((data + answer)[len(got):])
	require.Contains(t, []string{data + answer, answer + data}, got)
	h.Expect("AT#XUDPCLI=0", apptest.URC(`#XUDPCLI: 0,"disconnected"`)+apptest.OK)
	for options, want := range map[string]string{
		"1":       apptest.Line(`#XUDPCLI: 0,"connected"`), // with a connection id
		"0,0,0,0": apptest.Line(`#XUDPCLI: 0,"connected"`),
		"2":       apptest.Line(`#XUDPCLI: 0,"connected"`),
		"3":       apptest.Refused,
		"0,3":     apptest.Refused,
		"0,2,2":   apptest.Refused,
	} {
		h.Expect(fmt.Sprintf(`AT#XUDPCLI=1,"server.example",%d,1001,%s`, port, options), want)
		if want != apptest.Refused {
			h.Expect("AT#XUDPCLI=0", apptest.URC(`#XUDPCLI: 0,"disconnected"`)+apptest.OK)
		}
	}
}
