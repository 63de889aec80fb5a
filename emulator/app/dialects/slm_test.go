package dialects_test

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
)

var slmDialects = []string{"slm", "slm-2.4"}

// freePort is a port that nobody listens on.
func freePort(t *testing.T) uint16 {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return netip.MustParseAddrPort(ln.Addr().String()).Port()
}

func echo(c net.Conn) { io.Copy(c, c) }

// Start, the generic commands, and the framing.
func TestSLMOnTheWire(t *testing.T) {
	for _, c := range []struct{ what, sent, want string }{
		{"", "AT\r\n", ok},
		{"", "at+cfun?\r\n", "\r\n+CFUN: 0\r\n" + ok},
		{"", "AT+CFUN=9\r\n", refused},
		{"grammar", "AT&F\r\n", refused},
		{"grammar", "AT&XSOCKET=1,1,0\r\n", refused},
		{"from the modem", "AT#XNOSUCH=1\r\n", refused},
		{"no AT", "hello\r\n", refused},
		{"begins at AT", "datE1\r\nxx AT+CFUN?\r\n", refused + "\r\n+CFUN: 0\r\n" + ok},
		{"begins at the first AT", "AATAT\r\n", refused},
		{"no echo", "ATE0\r\nATE1\r\n", refused + refused},
		{"a bare CR stays in the line", "AT\rAT\r\n", refused},
		{"a bare LF stays in the line", "AT\nAT\r\n", refused},
		{"blank lines", "\r\n \r\n", ""},
		{"too long", "AT+" + strings.Repeat("x", 4200) + "\r\nAT\r\n", refused + ok},
		{"deleting a quote undoes it", "AT\"\b\r\n", ok},
		{"", "AT#XSLMVER?\r\n", refused},
		{"", "AT#XSMVER\r\n", refused},
		{"", "AT#XUUID\r\n", line("#XUUID: 50503041-3633-4261-803d-1e2b8f70111a")},
		{"", "AT#XSLEEP=?\r\n", line("#XSLEEP: (1,2)")},
		{"", "AT#XDATACTRL=1\r\n", refused},
		{"", "AT#XDATACTRL=200\r\nAT#XDATACTRL?\r\n", ok + line("#XDATACTRL: 200,32")},
		{"", "AT#XDATACTRL=?\r\n", line("#XDATACTRL=<time_limit>")},
		{"", "AT#XCLOSE\r\nAT#XRECVCFG=?\r\n", refused + refused},
		{"no socket", "AT#XSOCKET=0\r\nAT#XSSOCKET=0\r\nAT#XSOCKET?\r\nAT#XSSOCKET?\r\nAT#XSOCKETSELECT?\r\n", strings.Repeat(ok, 5)},
	} {
		for _, dialect := range slmDialects {
			t.Run(dialect+"/"+c.what+c.sent[:min(len(c.sent), 20)], func(t *testing.T) {
				_, send := newApp(t, dialect, nil)
				require.Equal(t, c.want, send(c.sent))
			})
		}
	}
	_, send := newApp(t, "slm", nil)
	require.Equal(t, line(`#XSLMVER: "3.1.0","3.1.0"`), send("AT#XSLMVER\r\n"))
	require.Contains(t, send("AT#XCLAC\r\n"), "\r\nAT#XSLMVER\r\nAT#XSLEEP\r\n")
	_, send = newApp(t, "slm-2.4", nil)
	require.Equal(t, line(`#XSLMVER: "2.4.0","2.3.0"`), send("AT#XSLMVER\r\n"))
	require.Equal(t, refused+refused, send("AT#XMODEMRESET\r\nAT#XAPOLL=?\r\n"))
	clac := send("AT#XCLAC\r\n")
	require.NotContains(t, clac, "XMQTTCFG")
	require.Contains(t, clac, "AT#XMQTTCON\r\n")
}

// A TCP client.
func TestSLMPlainTCP(t *testing.T) {
	for _, dialect := range slmDialects {
		t.Run(dialect, func(t *testing.T) {
			h := newHost(t, dialect)
			port := serve(t, echo)
			h.expect("AT#XSOCKET=?", "\r\n#XSOCKET: (0,1,2),(1,2,3),(0,1),<cid>"+ok)
			h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
			h.expect("AT#XSOCKET?", line("#XSOCKET: 0,1,0,1,0"))
			h.expect("AT#XSSOCKET?", line("#XSSOCKET: 0,1,0,1,-1,0"))
			h.expect("AT#XSOCKETOPT=1,20,30", ok)
			h.expect("AT#XSOCKETOPT=0,20", line("#XSOCKETOPT: 30"))
			h.expect("AT#XSOCKETOPT=?", line("#XSOCKETOPT: (0,1),<name>,<value>"))
			h.expect(`AT#XSEND="Test"`, "\r\n#XSEND: 0\r\n"+refused)
			h.expect(`AT#XCONNECT="127.0.0.1",0`, refused)
			h.expect(fmt.Sprintf(`AT#XCONNECT="server.example",%d`, port), line("#XCONNECT: 1"))
			h.expect(`AT#XSEND="Test TCP"`, line("#XSEND: 8"))
			h.expect("AT#XRECV=0", "\r\n#XRECV: 8\r\nTest TCP"+ok)
			h.expect("AT#XRECV=0,64", refused)
			h.expect(`AT#XSEND=""`, line("#XSEND: 0"))
			h.expect("AT#XSEND", ok)
			h.expectRaw(`Hello, "world",+++`, left)
			h.expect("AT#XRECV=5", "\r\n#XRECV: 15\r\nHello, \"world\","+ok)
			if dialect == "slm" {
				h.expect("AT#XSEND=,512", ok)
				h.expectRaw("+++", left)
				h.expect(`AT#XSEND="a",1`, refused)
				h.expect(`AT#XSEND="a",512`, line("#XSEND: 1"))
			}
			for _, wrong := range []string{
				"AT#XSEND?", "AT#XRECV", "AT#XRECV?", "AT#XRECV=", "AT#XRECV=0,1", "AT#XBIND=70000", "AT#XLISTEN", "AT#XACCEPT=1",
				"AT#XACCEPT?", "AT#XSOCKETOPT=0,34", "AT#XSOCKETOPT=2,20", "AT#XSSOCKETOPT=0,2", "AT#XSOCKETSELECT=5", "AT#XSOCKETSELECT=?",
			} {
				h.expect(wrong, refused)
			}
			h.expect("AT#XSOCKET=0", line(`#XSOCKET: 0,"closed"`))
			h.expect("AT#XSOCKET?", ok)
			h.expect(`AT#XSEND="Test"`, refused)
		})
	}
}

func TestSLMInlineLimit(t *testing.T) {
	h := newHost(t, "slm")
	port, conn := peer(t)
	h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
	h.expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), line("#XCONNECT: 1"))
	h.expect(`AT#XSEND="`+strings.Repeat("x", 1025)+`"`, refused)
	h.expect(`AT#XSEND="`+strings.Repeat("x", 1024)+`"`, line("#XSEND: 1024"))
	c := conn()
	require.Equal(t, strings.Repeat("x", 1024), read(t, c, 1024))
	write(t, c, "abc")
	h.expect("AT#XPOLL=-1", line(`#XPOLL: 0,"0x0001"`))
	h.expect("AT#XRECV=5,2", "\r\n#XRECV: 3\r\nabc"+ok) // only looks
	h.expect("AT#XRECV=5,64", "\r\n#XRECV: 3\r\nabc"+ok)
}

func TestSLMPeerCloses(t *testing.T) {
	h := newHost(t, "slm")
	port := serve(t, func(c net.Conn) { io.WriteString(c, "bye") })
	h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
	h.expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), line("#XCONNECT: 1"))
	h.expect("AT#XRECV=5", "\r\n#XRECV: 3\r\nbye"+ok)
	h.expect("AT#XRECV=5", ok)
}

// A send that fails in data mode ends it with the errno, and the host is not
// told before that.
func TestSLMDataModeFails(t *testing.T) {
	h := newHost(t, "slm")
	h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
	h.expect("AT#XSEND", ok)
	h.expectRaw("Test+++", urc("#XDATAMODE: -128"))
}

// Notifications of the modem are lost in data mode, and fall where they fall.
func TestSLMNotifications(t *testing.T) {
	h := newHost(t, "slm")
	h.quiet("AT+CF")
	h.notify("+CEREG: 1")
	h.unasked(urc("+CEREG: 1"))
	h.expect("UN?", "\r\n+CFUN: 1\r\n"+ok)
	h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
	h.expect("AT#XSEND", ok)
	h.notify("+CEREG: 2")
	h.expectRaw("+++", left)
	h.expect("AT", ok)
}

// A TCP server and polling.
func TestSLMSelect(t *testing.T) {
	for _, dialect := range slmDialects {
		t.Run(dialect, func(t *testing.T) {
			h := newHost(t, dialect)
			h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
			h.expect("AT#XSSOCKET=1,1,0,1000", line("#XSSOCKET: 1,1,258"))
			h.expect("AT#XSOCKETSELECT?",
				"\r\n#XSOCKETSELECT: 0,1,0,1,-1,1,0\r\n\r\n#XSOCKETSELECT: 1,1,0,1,1000,2,0\r\n\r\n#XSOCKETSELECT: 1\r\n"+ok)
			h.expect("AT#XSOCKETSELECT=0", line("#XSOCKETSELECT: 0"))
			h.expect("AT#XSOCKETSELECT=9", refused)
			h.expect("AT#XSOCKET?", line("#XSOCKET: 0,1,0,1,0"))
			h.expect("AT#XSOCKET=2,2,1", line("#XSOCKET: 2,2,17"))
			h.expect("AT#XSOCKET=1,3,1", line("#XSOCKET: 3,3,0"))
			h.expect("AT#XSOCKET?", line("#XSOCKET: 3,3,0,3,0"))
			h.expect("AT#XSSOCKET=0", line(`#XSOCKET: 0,"closed"`))
			h.expect("AT#XSOCKET=0", line(`#XSOCKET: 0,"closed"`))
			h.expect("AT#XSSOCKET?", line("#XSSOCKET: 1,1,0,1,1000,0"))

			// A failed open leaves none selected.
			h.expect("AT#XSOCKET=1,4,0", refused)
			h.expect("AT#XSOCKET?", ok)
			h.expect("AT#XSOCKETSELECT?", "\r\n#XSOCKETSELECT: 0,1,0,1,-1,1,0\r\n\r\n#XSOCKETSELECT: 1,1,0,1,1000,2,0\r\n"+ok)
			for i := 2; i < 7; i++ {
				h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: %d,1,6", i))
			}
			h.expect("AT#XSOCKET=1,1,0", refused)
			h.expect("AT#XSOCKET?", line("#XSOCKET: 6,1,0,1,0"))
		})
	}
}

func TestSLMServer(t *testing.T) {
	h := newHost(t, "slm")
	port := freePort(t)
	h.expect("AT#XSOCKET=1,1,1", line("#XSOCKET: 0,1,6"))
	h.expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), refused)
	h.expect(fmt.Sprintf("AT#XBIND=%d", port), ok)
	h.expect("AT#XLISTEN", ok)
	h.expect("AT#XACCEPT?", line("#XTCPACCEPT: 0"))
	h.expect(`AT#XSEND="a"`, refused)
	h.expect("AT#XPOLL=0", ok)
	c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	defer c.Close()
	h.expect("AT#XPOLL=-1,0", line(`#XPOLL: 0,"0x0001"`))
	h.expect("AT#XACCEPT=60", line(`#XACCEPT: 1,"127.0.0.1"`))
	h.expect("AT#XACCEPT?", line("#XTCPACCEPT: 1"))
	h.expect("AT#XSOCKET?", line("#XSOCKET: 0,1,1,1,0"))
	write(t, c, "in")
	h.expect("AT#XRECV=5", "\r\n#XRECV: 2\r\nin"+ok)
	h.expect(`AT#XSEND="out"`, line("#XSEND: 3"))
	require.Equal(t, "out", read(t, c, 3))
	h.expect("AT#XSOCKET=0", line(`#XSOCKET: 0,"closed"`))
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

func TestSLMWaits(t *testing.T) {
	bubble(t, "poll", func(t *testing.T) {
		h, _ := mqttPeer(t, "slm")
		h.expect("AT#XSOCKET=1,2,0", line("#XSOCKET: 0,2,17"))
		h.quiet("AT#XPOLL=2000\r\n")
		time.Sleep(2*time.Second - 1)
		h.quiet("")
		time.Sleep(time.Nanosecond)
		require.Equal(t, ok, h.settle())
		h.expect("AT#XPOLL=2000,1", refused)
		h.expect("AT#XPOLL=-2", refused)
		h.expect("AT#XPOLL", refused)
	})
	bubble(t, "poll gets data", func(t *testing.T) {
		h, f := mqttPeer(t, "slm")
		h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
		h.expect(`AT#XCONNECT="127.0.0.1",1`, line("#XCONNECT: 1"))
		h.quiet("AT#XPOLL=2147483647,0\r\n")
		require.Equal(t, 1, h.runningTimers())
		time.Sleep(time.Second)
		h.broker(f, "x", line(`#XPOLL: 0,"0x0001"`))
		require.Zero(t, h.runningTimers(), "a poll that has ended keeps no timer for 24 days")
		h.expect("AT#XPOLL=2000", line(`#XPOLL: 0,"0x0001"`))
		f.Close()
		h.settle()
		h.expect("AT#XPOLL=2000", line(`#XPOLL: 0,"0x0011"`))
	})
	bubble(t, "receive", func(t *testing.T) {
		h, _ := mqttPeer(t, "slm")
		h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
		h.expect(`AT#XCONNECT="127.0.0.1",1`, line("#XCONNECT: 1"))
		h.quiet("AT#XRECV=5\r\n")
		time.Sleep(5 * time.Second)
		require.Equal(t, refused, h.settle())
	})
}

func TestSLMAsyncPolling(t *testing.T) {
	h := newHost(t, "slm")
	port, conn := peer(t)
	h.expect("AT#XAPOLL=?", line("#XAPOLL: (0,1),<0,1,4,5>,<handle1>,<handle2>,..."))
	h.expect("AT#XAPOLL?", line("#XAPOLL: 0,0"))
	h.expect("AT#XSOCKET=1,2,0", line("#XSOCKET: 0,2,17"))
	h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 1,1,6"))
	h.expect(fmt.Sprintf(`AT#XCONNECT="127.0.0.1",%d`, port), line("#XCONNECT: 1"))
	h.expect("AT#XAPOLL=1,2", refused)
	h.expect("AT#XAPOLL=1", refused)
	h.expect("AT#XAPOLL=1,1,5", refused)
	h.expect("AT#XAPOLL=1,1,1", ok)
	h.expect("AT#XAPOLL?", line("#XAPOLL: 1,1,1"))
	h.expect("AT#XPOLL=0", refused)
	c := conn()
	write(t, c, "x")
	h.unasked(urc("#XAPOLL: 1,1"))
	h.expect("AT#XRECV=5", "\r\n#XRECV: 1\r\nx"+ok)
	write(t, c, "y")
	h.unasked(urc("#XAPOLL: 1,1"))
	h.expect("AT#XAPOLL=0", ok)
	h.expect("AT#XPOLL=0", line(`#XPOLL: 1,"0x0001"`))

	// All sockets, those to come as well.
	h.expect("AT#XAPOLL=1,4", ok+urc("#XAPOLL: 0,4")+urc("#XAPOLL: 1,4"))
	h.expect("AT#XSOCKET=1,2,0", line("#XSOCKET: 2,2,17")+urc("#XAPOLL: 2,4"))
	h.expect("AT#XAPOLL?", line("#XAPOLL: 1,4"))
	h.expect("AT#XAPOLL=0", ok)
	h.expect("AT#XSOCKET=1,2,0", line("#XSOCKET: 3,2,17"))
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
		h := newHost(t, dialect)
		h.expect("AT#XSOCKET=1,2,0", line("#XSOCKET: 0,2,17"))
		h.expect("AT#XBIND=0", ok)
		h.expect(fmt.Sprintf(`AT#XSENDTO="server.example",%d,"Test UDP"`, port), line("#XSENDTO: 8"))
		h.expect("AT#XRECVFROM=0", fmt.Sprintf("\r\n#XRECVFROM: 8,\"127.0.0.1\"%s\r\nTest UDP%s", from, ok))
		h.expect(fmt.Sprintf(`AT#XSENDTO="127.0.0.1",%d`, port), ok)
		h.expectRaw("data+++", left)
		h.expect("AT#XRECVFROM=0", fmt.Sprintf("\r\n#XRECVFROM: 4,\"127.0.0.1\"%s\r\ndata%s", from, ok))
		h.expect(`AT#XSENDTO="127.0.0.1",0,"a"`, refused)
	}
}

// Options that differ between the releases.
func TestSLMOptions(t *testing.T) {
	for _, c := range []struct{ dialect, command, want string }{
		{"slm", "AT#XSSOCKETOPT=1,18,3", ok},
		{"slm", "AT#XSSOCKETOPT=1,14,1", ok}, // the connection id
		{"slm", "AT#XSSOCKETOPT=1,14,7", refused},
		{"slm", "AT#XSSOCKETOPT=0,15", line("#XSSOCKETOPT: 0")},
		{"slm", "AT#XSSOCKETOPT=1,19,1", refused},
		{"slm", "AT#XSOCKETOPT=1,61,2", ok},
		{"slm", "AT#XSOCKETOPT=1,50", refused},
		{"slm", "AT#XSOCKETOPT=0,62", line("#XSOCKETOPT: 0")},
		{"slm", "AT#XSOCKETOPT=0,55", line("#XSOCKETOPT: 0")},
		{"slm-2.4", "AT#XSSOCKETOPT=1,14,7", ok},
		{"slm-2.4", "AT#XSSOCKETOPT=1,18,7", refused},
		{"slm-2.4", "AT#XSSOCKETOPT=1,15,7", refused},
		{"slm-2.4", "AT#XSOCKETOPT=1,51", ok},
		{"slm-2.4", "AT#XSOCKETOPT=1,54,9", ok},
		{"slm-2.4", "AT#XSOCKETOPT=0,54", refused},
		{"slm-2.4", "AT#XSOCKETOPT=1,61,2", refused},
		{"slm-2.4", "AT#XSOCKETOPT=0,62", refused},
		{"slm", `AT#XSSOCKETOPT=1,2,"test.server.com"` + "\r\nAT#XSSOCKETOPT=0,2", ok + line("#XSSOCKETOPT: test.server.com")},
		{"slm", `AT#XSSOCKETOPT=1,2,"null"` + "\r\nAT#XSSOCKETOPT=0,2", ok + line("#XSSOCKETOPT: ")},
		{"slm", "AT#XSSOCKETOPT=0,5", line("#XSSOCKETOPT: 2")},
		{"slm", "AT#XSSOCKETOPT=1,5", refused},
		{"slm", "AT#XSSOCKETOPT=?", line("#XSSOCKETOPT: (0,1),<name>,<value>")},
		{"slm", "AT#XSSOCKET=?", line("#XSSOCKET: (0,1,2),(1,2),(0,1),<sec_tag>,<peer_verify>,<cid>")},
		{"slm", "AT#XSSOCKET=1,1,1,5\r\nAT#XSSOCKETOPT=0,5", line("#XSSOCKET: 1,1,258") + line("#XSSOCKETOPT: 0")},
	} {
		t.Run(c.dialect+"/"+c.command, func(t *testing.T) {
			h := newHost(t, c.dialect)
			h.expect("AT#XSSOCKET=1,2,0,1", line("#XSSOCKET: 0,2,273"))
			h.expect(c.command, c.want)
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
	port = serve(t, func(c net.Conn) {
		s := tls.Server(c, cfg)
		defer s.Close()
		echo(s)
	})
	return port, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// provision stores a credential while the modem is offline.
func (h *host) provision(entries ...string) {
	h.t.Helper()
	h.expect("AT+CFUN=4", ok)
	for _, e := range entries {
		h.expect("AT%CMNG=0,"+e, ok)
	}
	h.expect("AT+CFUN=1", ok)
}

// A TLS client, as sockets and as a proxy.
func TestSLMTLS(t *testing.T) {
	port, ca := tlsServer(t)
	for _, dialect := range slmDialects {
		t.Run(dialect, func(t *testing.T) {
			h := newHost(t, dialect)
			h.provision(`1000,0,"` + ca + `"`)
			h.expect("AT#XSSOCKET=1,1,0,1000", line("#XSSOCKET: 0,1,258"))
			h.expect(`AT#XSSOCKETOPT=1,2,"server.example"`, ok)
			h.expect(fmt.Sprintf(`AT#XCONNECT="server.example",%d`, port), line("#XCONNECT: 1"))
			h.expect("AT#XSSOCKETOPT=0,4", line("#XSSOCKETOPT: 0xc02b"))
			h.expect(`AT#XSEND="Test TLS client"`, line("#XSEND: 15"))
			h.expect("AT#XRECV=0", "\r\n#XRECV: 15\r\nTest TLS client"+ok)
			h.expect("AT#XSSOCKET=0", line(`#XSOCKET: 0,"closed"`))

			h.expect("AT#XTCPCLI?", line("#XTCPCLI: -1,0"))
			h.expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d,1000`, port), line(`#XTCPCLI: 0,"connected"`))
			h.expect("AT#XTCPCLI?", line("#XTCPCLI: 0,1"))
			h.expect(`AT#XTCPSEND="Test TLS client"`, line("#XTCPSEND: 15")+"\r\n#XTCPDATA: 15\r\nTest TLS client")
			h.expect("AT#XTCPCLI=0", urc(`#XTCPCLI: 0,"disconnected"`)+ok)
			h.expect("AT#XTCPCLI?", line("#XTCPCLI: -1,1"))

			// The wrong name is refused where names are checked.
			by := fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d,1000`, port)
			if dialect == "slm" {
				h.expect(by, "\r\n#XTCPCLI: -111,\"not connected\"\r\n"+refused)
				h.expect(by+",2,0", line(`#XTCPCLI: 0,"connected"`))
			} else {
				h.expect(by, line(`#XTCPCLI: 0,"connected"`))
			}
			h.expect("AT#XTCPCLI=0", urc(`#XTCPCLI: 0,"disconnected"`)+ok)
			h.expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d,1001`, port), "\r\n#XTCPCLI: -111,\"not connected\"\r\n"+refused)
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

	h := newHost(t, "slm")
	h.provision(`1001,3,"6e7266393174657374"`, `1001,4,"nrf91test"`)
	h.expect("AT#XSSOCKET=1,2,0,1001", line("#XSSOCKET: 0,2,273"))
	h.expect(fmt.Sprintf(`AT#XCONNECT="server.example",%d`, port), line("#XCONNECT: 1"))
	h.expect(`AT#XSEND="Test DTLS client"`, line("#XSEND: 16"))
	h.expect("AT#XRECV=5", "\r\n#XRECV: 16\r\nTest DTLS client"+ok)
	h.expect("AT#XSSOCKET=0", line(`#XSOCKET: 0,"closed"`))
	h.expect(fmt.Sprintf(`AT#XUDPCLI=1,"server.example",%d,1001`, port), line(`#XUDPCLI: 0,"connected"`))
	// What comes back may be there before OK.
	data, answer := fmt.Sprintf("\r\n#XUDPDATA: 16,\"127.0.0.1\",%d\r\nTest DTLS client", port), line("#XUDPSEND: 16")
	got := h.send("AT#XUDPSEND=\"Test DTLS client\"\r\n")
	got += h.await((data + answer)[len(got):])
	require.Contains(t, []string{data + answer, answer + data}, got)
	h.expect("AT#XUDPCLI=0", urc(`#XUDPCLI: 0,"disconnected"`)+ok)
	for options, want := range map[string]string{
		"1":       line(`#XUDPCLI: 0,"connected"`), // with a connection id
		"0,0,0,0": line(`#XUDPCLI: 0,"connected"`),
		"2":       refused,
		"0,3":     refused,
		"0,2,2":   refused,
	} {
		h.expect(fmt.Sprintf(`AT#XUDPCLI=1,"server.example",%d,1001,%s`, port, options), want)
		if want != refused {
			h.expect("AT#XUDPCLI=0", urc(`#XUDPCLI: 0,"disconnected"`)+ok)
		}
	}
}

// runningTimers returns how many timers the application has waiting.
func (h *host) runningTimers() int {
	h.Lock()
	defer h.Unlock()
	return h.RunningTimers()
}
