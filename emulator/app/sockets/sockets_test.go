package sockets_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/apptest"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

// connected returns a host with TCP socket 0 connected to a peer.
func connected(t *testing.T, dialect string) (*apptest.Host, net.Conn) {
	h := apptest.NewHost(t, dialect)
	port, conn := apptest.Peer(t)
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT=0,"127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 0,1"))
	return h, conn()
}

func TestPlainTCP(t *testing.T) {
	for _, dialect := range []string{"serial-modem", "serial-modem-main"} {
		t.Run(dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			port := apptest.Serve(t, func(c net.Conn) { io.Copy(c, c) })
			h.Expect("AT#XSOCKET=?", apptest.Line("#XSOCKET: <handle>,(1,2,3),(1,2,3),(0,1),<cid>"))
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
			h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 0,1,0,1,0"))
			h.Expect("AT#XSOCKETOPT=0,1,20,30", apptest.OK)
			h.Expect("AT#XSOCKETOPT=0,0,20", apptest.Line("#XSOCKETOPT: 0,30"))
			h.Expect("AT#XSSOCKETOPT=0,0,2", apptest.OK) // the socket has no TLS
			h.Expect(fmt.Sprintf(`AT#XCONNECT=0,"server.example",%d`, port), apptest.Line("#XCONNECT: 0,1"))
			h.Expect(`AT#XSEND=0,0,0,"Test TCP"`, apptest.Line("#XSEND: 0,0,8"))
			h.Expect("AT#XRECV=0,0,0,0", "\r\n#XRECV: 0,0,8\r\nTest TCP"+apptest.OK)
			h.Expect("AT#XRECV=0,0,64,0", apptest.Refused)
			h.Expect(`AT#XSEND=0,1,0,"48656C6c6F"`, apptest.Line("#XSEND: 0,0,5"))
			h.Expect("AT#XRECV=0,1,2,5,2", "\r\n#XRECV: 0,1,2\r\n4865"+apptest.OK)
			h.Expect("AT#XRECV=0,1,256,5,5", "\r\n#XRECV: 0,1,5\r\n48656c6c6f"+apptest.OK)
			h.Expect(`AT#XSEND=0,1,0,"abc"`, apptest.Line("#XSEND: 0,0,2"))
			h.Expect("AT#XRECV=0,1,0,5", "\r\n#XRECV: 0,1,2\r\n0abc"+apptest.OK)
			h.Expect(`AT#XSEND=0,0,0,""`, apptest.Line("#XSEND: 0,0,0"))
			h.Expect(`AT#XSEND=0,0,512,"a,b"`, apptest.Line("#XSEND: 0,0,3"))
			h.Expect("AT#XRECVFROM=0,0,0,5", fmt.Sprintf("\r\n#XRECVFROM: 0,0,3,\"127.0.0.1\",%d\r\na,b%s", port, apptest.OK))
			h.Expect("AT#XCLOSE=0", apptest.Line("#XCLOSE: 0,0"))
			h.Expect("AT#XSOCKET?", apptest.OK)
			h.Expect("AT#XCLOSE=0", apptest.Refused)
		})
	}
}

func TestPeerCloses(t *testing.T) {
	h, c := connected(t, "serial-modem")
	apptest.Write(t, c, "bye")
	c.Close()
	h.Expect("AT#XRECV=0,0,256,5", "\r\n#XRECV: 0,0,3\r\nbye"+apptest.OK)
	h.Expect("AT#XRECV=0,0,0,5", apptest.OK)
	h.Expect("AT#XRECV=0,0,0,5", apptest.OK)
}

func TestOpenAndClose(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem")
	h.Expect("AT#XCLOSE", apptest.OK)
	for i := range 3 {
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: %d,1,6", i))
	}
	h.Expect("AT#XCLOSE=1", apptest.Line("#XCLOSE: 1,0"))
	h.Expect("AT#XSOCKET=3,3,0", apptest.Line("#XSOCKET: 1,3,0"))
	h.Expect("AT#XCLOSE=", "\r\n#XCLOSE: 0,0\r\n\r\n#XCLOSE: 1,0\r\n\r\n#XCLOSE: 2,0\r\n"+apptest.OK)
	h.Expect("AT#XSSOCKET=1,1,0,42", apptest.Line("#XSSOCKET: 0,1,258"))
	h.Expect("AT#XSSOCKET=1,2,0,16842752,1", apptest.Line("#XSSOCKET: 1,2,273"))
	h.Expect("AT#XSSOCKET=2,1,1,42,0,0", apptest.Line("#XSSOCKET: 2,1,258"))
	h.Expect("AT#XSOCKET=2,2,1", apptest.Line("#XSOCKET: 3,2,17"))
	h.Expect("AT#XSSOCKET?", "\r\n#XSSOCKET: 0,1,0,1,42,0\r\n\r\n#XSSOCKET: 1,1,0,2,16842752,0\r\n\r\n#XSSOCKET: 2,2,1,1,42,0\r\n"+apptest.OK)
	h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 3,2,1,2,0"))
}

func TestSocketLimit(t *testing.T) {
	for dialect, limit := range map[string]int{"serial-modem": 7, "serial-modem-main": 8} {
		h := apptest.NewHost(t, dialect)
		for i := range limit {
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: %d,1,6", i))
		}
		h.Expect("AT#XSOCKET=1,1,0", apptest.Refused)
		h.Expect("AT#XCLOSE=2", apptest.Line("#XCLOSE: 2,0"))
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 2,1,6"))
	}
}

// What is wrong is a plain ERROR, whatever +CMEE says.
func TestRefused(t *testing.T) {
	for _, command := range []string{
		"AT#XSOCKET", "AT#XSOCKET=", "AT#XSOCKET=0,1,0", "AT#XSOCKET=1,99,0", "AT#XSOCKET=3,1,0", "AT#XSOCKET=1,3,0",
		"AT#XSOCKET=1,1", "AT#XSOCKET=1,1,65536", "AT#XSOCKET=1,1,-1", "AT#XSOCKET=1,1,0,11", "AT#XSOCKET=1,1,0,", "AT#XSOCKET=1,1,0,9",
		"AT#XSOCKET=\"1\",1,0", "AT#XSOCKET=01,1,0", "AT#XSOCKET=3,3,1",
		"AT#XSSOCKET=3,1,0,1", "AT#XSSOCKET=1,3,0,1", "AT#XSSOCKET=1,1,0", "AT#XSSOCKET=1,1,0,-1", "AT#XSSOCKET=1,1,0,2147483648",
		"AT#XSSOCKET=1,1,0,1,3", "AT#XSSOCKET=1,1,2,1",
		"AT#XCLOSE=5", "AT#XCLOSE?", "AT#XCLOSE=?",
		"AT#XSOCKETOPT?", "AT#XSOCKETOPT=5,0,20", "AT#XSOCKETOPT=0,2,20", "AT#XSOCKETOPT=0,0,1", "AT#XSOCKETOPT=0,0,2",
		"AT#XSOCKETOPT=0,0,40", "AT#XSOCKETOPT=0,1,30,2", "AT#XSOCKETOPT=0,1,34,1", "AT#XSOCKETOPT=0,1,55,1", "AT#XSOCKETOPT=0,1,20,\"3\"",
		"AT#XSSOCKETOPT=9,0,2", "AT#XSSOCKETOPT=1,0,4", "AT#XSSOCKETOPT=1,0,13", "AT#XSSOCKETOPT=1,1,5", "AT#XSSOCKETOPT=1,1,5,\"1\"",
		"AT#XSSOCKETOPT=1,1,5,3", "AT#XSSOCKETOPT=1,1,2,5", "AT#XSSOCKETOPT=1,1,18,1", "AT#XSSOCKETOPT=1,1,4,1", "AT#XSSOCKETOPT=1,0,99",
		"AT#XSSOCKETOPT=1,1,19,1", "AT#XSSOCKETOPT=1,1,2,\"" + strings.Repeat("x", 128) + "\"",
		"AT#XBIND=0,70000", "AT#XBIND=0", "AT#XBIND=7,1", "AT#XCONNECT=0,\"xyz.invalid\",80", "AT#XCONNECT=0,\"127.0.0.1\",0",
		"AT#XCONNECT=0,\"127.0.0.1\",70000", "AT#XCONNECT=0,127,80", "AT#XCONNECT=0,\"\",80", "AT#XCONNECT=0,\"10.0.0.1\",80",
		"AT#XSEND=0,0,0", "AT#XSEND=0,3,0,\"a\"", "AT#XSEND=9,0,0,\"a\"", "AT#XSEND=0,1,0,\"\"", "AT#XSEND=0,1,0,\"zz\"", "AT#XSEND=0,0,1,\"a\"",
		"AT#XSEND=0,0,8192,\"a\"", "AT#XSEND=0,1,0,\"" + strings.Repeat("00", 1401) + "\"", "AT#XSEND=0,0,0,5", "AT#XSEND=0,2,0,-1",
		"AT#XSENDTO=0,0,0,\"127.0.0.1\",0,\"a\"", "AT#XSENDTO=0,0,0,\"127.0.0.1\"",
		"AT#XRECV=0,0,0,1", "AT#XRECV=0,2,0,1", "AT#XRECV=0,0,1,1", "AT#XRECV=0,0,64,1,2049", "AT#XRECV=0,0,0", "AT#XRECV=0,0,0,1,",
		"AT#XAPOLL=0,1,8", "AT#XAPOLL=999,1,1", "AT#XAPOLL=0,1", "AT#XAPOLL=0,2,1", "AT#XAPOLL", "AT#XAPOLL=",
		"AT#XRECVCFG=0,2,1", "AT#XRECVCFG=0,4", "AT#XRECVCFG=9,1", "AT#XRECVCFG=0,1,2",
		"AT#XGETADDRINFO=\"example.com\",99", "AT#XGETADDRINFO", "AT#XGETADDRINFO=\"\"",
		"AT#XLISTEN=0", "AT#XACCEPT=0",
		"AT#XDATACTRL=1", "AT#XDATACTRL=0", "AT#XDATACTRL=65536", "AT#XSMVER?", "AT#XSMVER=?", "AT#XCLAC?", "AT#XUUID=?",
		"AT#XSLEEP=3", "AT#XSLEEP", "AT#XSHUTDOWN=?", "AT#XRESET?", "AT+IPR=9600", "AT+IPR=",
	} {
		t.Run(command, func(t *testing.T) {
			h := apptest.NewHost(t, "serial-modem")
			h.Expect("AT+CMEE=1", apptest.OK)
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
			h.Expect("AT#XSSOCKET=1,1,0,1", apptest.Line("#XSSOCKET: 1,1,258"))
			want := apptest.Refused
			switch {
			case strings.HasPrefix(command, "AT#XLISTEN"), strings.HasPrefix(command, "AT#XACCEPT"):
				want = "\r\n+CME ERROR: 0\r\n" // the modem's answer: the application has no such command
			case strings.Contains(command, "AT#XSOCKET=1,1,0,9"):
				want = apptest.Refused // the modem has no such context
			}
			h.Expect(command, want)
			h.Expect("AT", apptest.OK)
		})
	}
}

// A send that fails says how far it got, but not if the host was not found.
func TestSendFails(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem")
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(`AT#XSEND=0,0,0,"Test"`, "\r\n#XSEND: 0,0,0\r\n"+apptest.Refused)
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 1,2,17"))
	h.Expect(`AT#XSENDTO=1,0,0,"::1",1,"Test"`, apptest.Refused)
	h.Expect("AT+CFUN=4", apptest.OK)
	h.Expect(`AT#XSENDTO=1,0,0,"server.example",1,"Test"`, apptest.Refused)
	h.Expect(`AT#XSENDTO=1,0,0,"127.0.0.1",1,"Test"`, "\r\n#XSENDTO: 1,0,0\r\n"+apptest.Refused)
}

// The role is remembered. In v1.0 some commands look at it.
func TestRoles(t *testing.T) {
	for _, dialect := range []string{"serial-modem", "serial-modem-main", "serial-modem-2.0"} {
		h := apptest.NewHost(t, dialect)
		strict := func(want string) string {
			if dialect == "serial-modem" {
				return apptest.Refused
			}
			return want
		}
		h.Expect("AT#XSOCKET=1,1,7", apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 0,1,7,1,0"))
		port := apptest.Serve(t, func(net.Conn) {})
		h.Expect(fmt.Sprintf(`AT#XCONNECT=0,"127.0.0.1",%d`, port), strict(apptest.Line("#XCONNECT: 0,1")))
		h.Expect("AT#XCLOSE", apptest.Line("#XCLOSE: 0,0"))
		h.Expect("AT#XSSOCKET=1,1,1,5", apptest.Line("#XSSOCKET: 0,1,258"))
		verify := map[bool]int{true: 0, false: 2}[dialect == "serial-modem"]
		h.Expect("AT#XSSOCKETOPT=0,0,5", apptest.Line("#XSSOCKETOPT: 0,%d", verify))
		h.Expect("AT#XSSOCKET=1,1,2,5", strict(apptest.Line("#XSSOCKET: 1,1,258")))
		h.Expect("AT#XCLOSE=0", apptest.Line("#XCLOSE: 0,0"))
	}
}

// A port that the system has chosen is not enough to listen on.
func TestListenNeedsAPort(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem-2.0")
	h.Expect("AT#XSOCKET=1,1,1", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect("AT#XBIND=0,0", apptest.OK)
	h.Expect("AT#XLISTEN=0", apptest.Refused)
}

func TestUDP(t *testing.T) {
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

	h := apptest.NewHost(t, "serial-modem")
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17"))
	h.Expect("AT#XBIND=0,0", apptest.OK)
	h.Expect(fmt.Sprintf(`AT#XSENDTO=0,0,0,"server.example",%d,"Test UDP"`, port), apptest.Line("#XSENDTO: 0,0,8"))
	h.Expect("AT#XRECVFROM=0,0,0,0", fmt.Sprintf("\r\n#XRECVFROM: 0,0,8,\"127.0.0.1\",%d\r\nTest UDP%s", port, apptest.OK))
	h.Expect("AT#XRECVCFG=0,1", apptest.OK)
	h.Expect(fmt.Sprintf(`AT#XSENDTO=0,1,0,"127.0.0.1",%d,"4142"`, port),
		apptest.Line("#XSENDTO: 0,0,2")+fmt.Sprintf("\r\n#XRECVFROM: 0,0,2,\"127.0.0.1\",%d\r\nAB\r\n", port))
	h.Expect(fmt.Sprintf(`AT#XSENDTO=0,2,0,"127.0.0.1",%d,11`, port), apptest.OK)
	h.ExpectRaw("01234567+++", "\r\n#XDATAMODE: 0\r\n"+fmt.Sprintf("\r\n#XRECVFROM: 0,0,11,\"127.0.0.1\",%d\r\n01234567+++\r\n", port))
	h.Expect("AT#XRECVCFG=0,0", apptest.OK)
	h.Expect(fmt.Sprintf(`AT#XCONNECT=0,"127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 0,1"))
	h.Expect(`AT#XSEND=0,0,0,"again"`, apptest.Line("#XSEND: 0,0,5"))
	h.Expect("AT#XRECV=0,0,0,5,3", "\r\n#XRECV: 0,0,3\r\naga"+apptest.OK)
	h.Expect("AT#XRECV=0,0,64,0", apptest.Refused)
	h.Expect(`AT#XSENDTO=0,0,0,"nowhere.invalid",80,"a"`, apptest.Refused)
}

// The satellite firmware tells when data was acknowledged.
func TestSendNotification(t *testing.T) {
	h := apptest.NewHostWith(t, "nrf9151-ntn-1.0.0", "serial-modem")
	port, conn := apptest.Peer(t)
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT=0,"127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 0,1"))
	h.Expect("AT#XAPOLL=0,1,4", apptest.OK+"\r\n#XAPOLL: 0,4\r\n")
	h.Expect(`AT#XSEND=0,0,8192,"Test"`, apptest.Line("#XSEND: 0,1,4")+"\r\n#XSENDNTF: 0,0,4\r\n\r\n#XAPOLL: 0,4\r\n")
	require.Equal(t, "Test", apptest.Read(t, conn(), 4))
	h.Expect("AT+CFUN=4", apptest.OK+"\r\n#XAPOLL: 0,48\r\n")
	h.Expect(`AT#XSEND=0,0,8192,"Test"`, "\r\n#XSEND: 0,1,0\r\n"+apptest.Refused+"\r\n#XSENDNTF: 0,-1,0\r\n")
}

func TestPolling(t *testing.T) {
	h, c := connected(t, "serial-modem")
	h.Expect("AT#XAPOLL=?", apptest.Line("#XAPOLL: <handle>,(0,1),(0,1,4,5)"))
	h.Expect("AT#XAPOLL=0,1,1", apptest.OK)
	h.Expect("AT#XAPOLL?", apptest.Line("#XAPOLL: 0,1"))
	apptest.Write(t, c, "abcdef")
	h.Unasked("\r\n#XAPOLL: 0,1\r\n")
	h.Expect("AT", apptest.OK) // no second time
	h.Expect("AT#XRECV=0,0,0,5,3", "\r\n#XRECV: 0,0,3\r\nabc"+apptest.OK+"\r\n#XAPOLL: 0,1\r\n")
	h.Expect("AT#XRECV=0,0,0,5", "\r\n#XRECV: 0,0,3\r\ndef"+apptest.OK)
	c.Close()
	h.Unasked("\r\n#XAPOLL: 0,17\r\n")
	h.Expect("AT#XRECV=0,0,0,5", apptest.OK)
	h.Expect("AT#XCLOSE=0", apptest.Line("#XCLOSE: 0,0"))
	h.Expect("AT#XAPOLL?", apptest.OK)

	// The sockets to come, until they are taken out again.
	h.Expect("AT#XAPOLL=,1,5", apptest.OK)
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17")+"\r\n#XAPOLL: 0,4\r\n")
	h.Expect("AT#XAPOLL?", apptest.Line("#XAPOLL: 0,5"))
	port, _ := apptest.Peer(t)
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 1,1,6"))
	h.Expect(fmt.Sprintf(`AT#XCONNECT=1,"127.0.0.1",%d`, port), apptest.Line("#XCONNECT: 1,1")+"\r\n#XAPOLL: 1,4\r\n")
	h.Expect(`AT#XSEND=1,0,0,"a"`, apptest.Line("#XSEND: 1,0,1")+"\r\n#XAPOLL: 1,4\r\n")
	h.Expect("AT#XAPOLL=,0", apptest.OK)
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 2,2,17"))
	h.Expect("AT#XAPOLL?", apptest.OK)
}

func TestAutomaticReception(t *testing.T) {
	h, c := connected(t, "serial-modem")
	h.Expect("AT#XRECVCFG=?", apptest.Line("#XRECVCFG: <handle>,(0,1,2,3),(0,1)"))
	h.Expect("AT#XRECVCFG=0,1,0", apptest.OK)
	h.Expect("AT#XRECVCFG?", apptest.Line("#XRECVCFG: 0,1,0"))
	apptest.Write(t, c, "Test")
	h.Unasked("\r\n#XRECV: 0,0,4\r\nTest\r\n")
	h.Expect("AT#XRECVCFG=0,1,1", apptest.OK)
	apptest.Write(t, c, "Hello")
	h.Unasked("\r\n#XRECV: 0,1,5\r\n48656c6c6f\r\n")
	h.Expect("AT#XAPOLL=0,1,1", apptest.OK) // told first, then the data
	apptest.Write(t, c, "!")
	h.Unasked("\r\n#XAPOLL: 0,1\r\n\r\n#XRECV: 0,1,1\r\n21\r\n")
	h.Expect("AT#XRECVCFG=,0", apptest.OK)
	apptest.Write(t, c, "later")
	h.Unasked("\r\n#XAPOLL: 0,1\r\n")
	h.Expect("AT#XRECVCFG=,1", apptest.OK+"\r\n#XRECV: 0,0,5\r\nlater\r\n")
	c.Close()
	h.Unasked("\r\n#XAPOLL: 0,17\r\n\r\n") // a lone CR LF for the end
}

// What comes while the host is slow stays in the socket.
func TestCongestion(t *testing.T) {
	h, c := connected(t, "serial-modem")
	h.Expect("AT#XRECVCFG=0,1", apptest.OK)
	h.Lock()
	h.Board.Slow = true
	h.Unlock()
	apptest.Write(t, c, "Test")
	require.Eventually(t, func() bool { return h.Board.Engine.Sockets()[0].Poll()&socket.PollIn != 0 }, 5*time.Second, time.Millisecond)
	h.Expect("AT", apptest.OK)
	h.Lock()
	h.Board.Slow = false
	h.Resume()
	h.Unlock()
	h.Unasked("\r\n#XRECV: 0,0,4\r\nTest\r\n")
}

func TestListen(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem-main")
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	addr := free.Addr().String()
	port := netip.MustParseAddrPort(addr).Port()
	free.Close()

	h.Expect("AT#XSOCKET=1,1,1", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect("AT#XLISTEN=0", apptest.Refused) // not bound
	h.Expect(fmt.Sprintf("AT#XBIND=0,%d", port), apptest.OK)
	h.Expect("AT#XACCEPT=0", apptest.Refused) // does not listen
	h.Expect("AT#XLISTEN=0", apptest.OK)
	h.Expect("AT#XLISTEN?", apptest.Line("#XLISTEN: 0,0,%d", port))
	h.Expect("AT#XLISTEN=?", apptest.Line("#XLISTEN: <handle>"))
	h.Expect("AT#XACCEPT=?", apptest.Line("#XACCEPT: <handle>"))
	h.Expect("AT#XACCEPT=0", apptest.Refused) // nobody there
	h.Expect("AT#XACCEPT=99", apptest.Refused)
	h.Expect("AT#XAPOLL=0,1,1", apptest.OK)
	h.Expect("AT#XRECVCFG=,1", apptest.OK)
	c, err := net.Dial("tcp4", addr)
	require.NoError(t, err)
	defer c.Close()
	h.Unasked("\r\n#XAPOLL: 0,1\r\n")
	from := netip.MustParseAddrPort(c.LocalAddr().String()).Port()
	h.Expect("AT#XACCEPT=0", apptest.Line("#XACCEPT: 1,0,\"127.0.0.1\",%d", from))
	h.Expect("AT#XSOCKET?", "\r\n#XSOCKET: 0,1,1,1,0\r\n\r\n#XSOCKET: 1,1,0,1,0\r\n"+apptest.OK)
	apptest.Write(t, c, "hi")
	h.Unasked("\r\n#XRECV: 1,0,2\r\nhi\r\n")
	h.Expect(`AT#XSEND=1,0,0,"ho"`, apptest.Line("#XSEND: 1,0,2"))
	require.Equal(t, "ho", apptest.Read(t, c, 2))
	again, err := net.Dial("tcp4", addr)
	require.NoError(t, err)
	defer again.Close()
	h.Unasked("\r\n#XAPOLL: 0,1\r\n")
}

func TestResolve(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem")
	h.Expect(`AT#XGETADDRINFO="server.example"`, apptest.Line(`#XGETADDRINFO: "127.0.0.1"`))
	h.Expect(`AT#XGETADDRINFO="192.0.2.7",1`, apptest.Line(`#XGETADDRINFO: "192.0.2.7"`))
	h.Expect(`AT#XGETADDRINFO="::1",2`, apptest.Line(`#XGETADDRINFO: "::1"`))
	h.Expect(`AT#XGETADDRINFO="nowhere.example"`, "\r\n#XGETADDRINFO: \"not found\"\r\n"+apptest.Refused)
}

// Options that the firmware does not have are refused, whatever the application
// knows.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		profile, dialect string
		dtls             bool
		command, want    string
	}{
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,1,2,1", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,0,21", apptest.Line("#XSOCKETOPT: 0,30")},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,1,30", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,0,31", apptest.Line("#XSOCKETOPT: 0,1")},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,0,32", apptest.Line("#XSOCKETOPT: 0,1")},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,1,40,0", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,1,61,4", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,0,61", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,0,62", apptest.Line("#XSOCKETOPT: 0,0")},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=0,0,34", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSOCKETOPT=?", apptest.Line("#XSOCKETOPT: <handle>,(0,1),<name>,<value>")},
		{"nrf9151-2.0.4", "serial-modem-main", false, "AT#XSOCKETOPT=0,1,34,1", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem-main", false, "AT#XSOCKETOPT=0,0,34", apptest.Line("#XSOCKETOPT: 0,0")},
		{"nrf9151-2.0.0", "serial-modem-main", false, "AT#XSOCKETOPT=0,0,34", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem-main", false, "AT#XSOCKETOPT=0,1,55,135", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem-main", false, "AT#XSOCKETOPT=0,1,55,136", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=0,0,5", apptest.Line("#XSSOCKETOPT: 0,2")},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=0,1,5,0", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=0,0,12", apptest.Line("#XSSOCKETOPT: 0,0")},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=0,1,12,1", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=0,1,13,7", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=0,0,4", apptest.Refused}, // not connected
		{"nrf9151-2.0.4", "serial-modem", false, "AT#XSSOCKETOPT=?", apptest.Line("#XSSOCKETOPT: <handle>,(0,1),<name>,<value>")},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,1,14,2", apptest.OK},
		{"nrf9160-1.3.4", "serial-modem", true, "AT#XSSOCKETOPT=0,1,14,2", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,0,15", apptest.Line("#XSSOCKETOPT: 0,0")},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,1,15,1", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,1,18,31", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,1,18,30", apptest.Refused},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,0,18", apptest.Line("#XSSOCKETOPT: 0,123")},
		{"nrf9151-2.0.4", "serial-modem", true, "AT#XSSOCKETOPT=0,1,22,1", apptest.OK},
		{"nrf9151-2.0.4", "serial-modem-main", true, "AT#XSSOCKETOPT=0,1,19,1", apptest.Refused}, // no session yet
		{"nrf9151-2.0.4", "serial-modem-main", true, "AT#XSSOCKETOPT=0,1,20,1", apptest.Refused},
	} {
		t.Run(c.profile+"/"+c.dialect+"/"+c.command, func(t *testing.T) {
			h := apptest.NewHostWith(t, c.profile, c.dialect)
			switch {
			case c.dtls:
				h.Expect("AT#XSSOCKET=1,2,0,1", apptest.Line("#XSSOCKET: 0,2,273"))
			case strings.HasPrefix(c.command, "AT#XSS"):
				h.Expect("AT#XSSOCKET=1,1,0,1", apptest.Line("#XSSOCKET: 0,1,258"))
			default:
				h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
			}
			h.Expect(c.command, c.want)
		})
	}
}

func TestHostNameOption(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem")
	h.Expect("AT#XSSOCKET=1,1,0,1", apptest.Line("#XSSOCKET: 0,1,258"))
	h.Expect(`AT#XSSOCKETOPT=0,1,2,"test.server.com"`, apptest.OK)
	h.Expect("AT#XSSOCKETOPT=0,0,2", apptest.Line("#XSSOCKETOPT: 0,test.server.com"))
	h.Expect(`AT#XSSOCKETOPT=0,1,2,"nULL"`, apptest.OK)
	h.Expect("AT#XSSOCKETOPT=0,0,2", apptest.Line("#XSSOCKETOPT: 0,"))
}

// +CFUN=0 and 4 close sockets underneath: the handles stay.
func TestOffline(t *testing.T) {
	for _, command := range []string{"AT+CFUN=0", "AT+CFUN=4"} {
		h, _ := connected(t, "serial-modem")
		h.Expect("AT#XAPOLL=0,1,1", apptest.OK)
		h.Expect(command, apptest.OK+"\r\n#XAPOLL: 0,48\r\n")
		h.Expect(`AT#XSEND=0,0,0,"a"`, "\r\n#XSEND: 0,0,0\r\n"+apptest.Refused)
		h.Expect("AT#XRECV=0,0,0,1", apptest.Refused)
		h.Expect("AT#XSOCKET?", apptest.Line("#XSOCKET: 0,1,0,1,0"))
		h.Expect("AT#XCLOSE=0", apptest.Line("#XCLOSE: 0,0"))
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect("AT#XBIND=0,0", apptest.Refused) // no address
		h.Expect(`AT#XCONNECT=0,"127.0.0.1",9`, apptest.Refused)
		h.Expect(`AT#XGETADDRINFO="server.example"`, "\r\n#XGETADDRINFO: \"network is down\"\r\n"+apptest.Refused)
	}
}

// A response never has a notification in it, and input waits for its turn.
func TestBlockingCommand(t *testing.T) {
	h, c := connected(t, "serial-modem")
	require.Empty(t, h.Send("AT#XRECV=0,0,0,0\r"))
	require.True(t, h.Busy())
	h.Unsolicited("+X: 1")
	require.Empty(t, h.Sent())
	h.Lock()
	require.Zero(t, h.Receive([]byte("AT\r")))
	h.Unlock()
	apptest.Write(t, c, "Test")
	h.Unasked("\r\n#XRECV: 0,0,4\r\nTest" + apptest.OK + "\r\n+X: 1\r\n")
	h.Expect("AT", apptest.OK)
}

// The errno and the reason stand in the record, not on the wire.
func TestReasonInTheRecord(t *testing.T) {
	var log event.Log
	var reasons []string
	log.Subscribe(func(e *event.Event) {
		if e.Response != nil && e.Response.Error {
			reasons = append(reasons, e.Response.Reason)
		}
	})
	d, send := apptest.NewWith(t, "nrf9151-2.0.4", "serial-modem", &log)
	h := apptest.HostOf(t, d, send)
	h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
	h.Expect(`AT#XCONNECT=0,"127.0.0.1",9`, apptest.Refused)
	h.Expect("AT+CFUN=1", apptest.OK)
	h.Expect(`AT#XCONNECT=0,"127.0.0.1",1`, apptest.Refused)
	require.Len(t, reasons, 2)
	require.Contains(t, reasons[0], "ENETUNREACH (114)")
	require.Contains(t, reasons[1], "ECONNREFUSED (111)")
}

// Input of any kind neither panics nor hangs, with a socket connected.
func FuzzReceive(f *testing.F) {
	for _, s := range []string{
		"AT#XSOCKET=1,2,0\rAT#XSEND=0,2,0\rdata++x+++AT\r", "AT#XAPOLL=,1,5\rAT#XSSOCKET=1,1,0,1\rAT#XCLOSE\r",
		"AT#XSENDTO=0,2,0,\"a\",1,3\rabc", "AT#XDATACTRL=100\rAT#XCLAC\r", "AT#XSLEEP=2\r", "AT#XRECV=0,0,64,1\r",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		d, _ := apptest.NewWith(t, "nrf9151-2.0.4", "serial-modem-main", nil)
		d.Lock()
		defer d.Unlock()
		d.Receive([]byte("AT#XSOCKET=1,2,0\r"))
		if d.Receive(input); bytes.Count(input, []byte("\r"))*20_000+len(input)*2+100_000 < d.Unsent() {
			t.Fatal("too much output")
		}
	})
}
