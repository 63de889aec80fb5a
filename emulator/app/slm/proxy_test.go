package slm_test

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/apptest"
)

func TestSLMTCPClient(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	port, conn := apptest.Peer(t)
	h.Expect("AT#XTCPCLI=?", apptest.Line("#XTCPCLI: (0,1,2),<url>,<port>,<sec_tag>,<peer_verify>,<hostname_verify>,<cid>"))
	h.Expect("AT#XTCPCLI=0", apptest.OK)
	h.Expect(`AT#XTCPSEND="a"`, apptest.Refused)
	h.Expect("AT#XTCPSEND", apptest.OK)
	h.ExpectRaw("to nobody+++", apptest.Left)
	h.Expect("AT#XUDPSEND", apptest.Refused)
	for _, wrong := range []string{
		`=1,"127.0.0.1"`, `=1,"127.0.0.1",0`, `=3,"127.0.0.1",1`, `=1,"127.0.0.1",1,-1`, `=1,"127.0.0.1",1,1,3`,
		`=1,"127.0.0.1",1,1,2,2`, `=1,"127.0.0.1",1,1,2,1,11`, `=1,"127.0.0.1",1,"","","",""`, `=1,"127.0.0.1",1,`, `=1,"127.0.0.1",1,1,,1`, `=1,"",1`, "", "=",
	} {
		h.Expect("AT#XTCPCLI"+wrong, apptest.Refused)
	}
	closed := apptest.FreePort(t)
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d`, closed), "\r\n#XTCPCLI: -111,\"not connected\"\r\n"+apptest.Refused)
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d`, port), apptest.Line(`#XTCPCLI: 0,"connected"`))
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d`, port), apptest.Refused)
	h.Expect("AT#XTCPSVR=1,1", apptest.Refused)
	h.Expect("AT#XSOCKET?", apptest.OK) // its socket is not one of the socket commands

	c := conn()
	h.Expect(`AT#XTCPSEND="Hello"`, apptest.Line("#XTCPSEND: 5"))
	h.Expect(`AT#XTCPSEND="",512`, apptest.Line("#XTCPSEND: 0"))
	h.Expect(`AT#XTCPSEND="a",7`, apptest.Refused)
	require.Equal(t, "Hello", apptest.Read(t, c, 5))
	apptest.Write(t, c, "World")
	h.Unasked("\r\n#XTCPDATA: 5\r\nWorld")
	h.Expect("AT#XTCPSEND", apptest.OK)
	h.Quiet("out")
	apptest.Write(t, c, "in") // without a header
	h.Unasked("in")
	h.ExpectRaw("+++", apptest.Left)
	require.Equal(t, "out", apptest.Read(t, c, 3))
	c.Close()
	h.Unasked(apptest.URC(`#XTCPCLI: -104,"disconnected"`))
	h.Expect("AT#XTCPCLI?", apptest.Line("#XTCPCLI: -1,1"))
	again := fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d,"","",none`, port)
	h.Expect(again, apptest.Refused) // before it has said that it knows
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", closed), apptest.Refused)
	h.Expect("AT#XTCPCLI=0", apptest.OK)
	h.Expect(again, apptest.Line(`#XTCPCLI: 0,"connected"`))
	h.Expect("AT#XTCPCLI=0", apptest.URC(`#XTCPCLI: 0,"disconnected"`)+apptest.OK)
	h.Expect(again, apptest.Line(`#XTCPCLI: 0,"connected"`))
}

// The proxy of older releases starts again at once, and takes no texts for numbers.
func TestSLMOldTCPClient(t *testing.T) {
	h := apptest.NewHost(t, "slm-2.4")
	port, conn := apptest.Peer(t)
	h.Expect("AT#XTCPSEND", apptest.Refused)
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d,""`, port), apptest.Refused)
	connect := fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d`, port)
	h.Expect(connect, apptest.Line(`#XTCPCLI: 0,"connected"`))
	conn().Close()
	h.Unasked(apptest.URC(`#XTCPCLI: -104,"disconnected"`))
	h.Expect(connect, apptest.Line(`#XTCPCLI: 0,"connected"`))
}

// A connection that dies in data mode ends that: from NCS 2.8 on, the device
// says so.
func TestSLMTCPClientDiesInDataMode(t *testing.T) {
	for dialect, told := range map[string]string{"slm": "+++", "slm-2.4": ""} {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := apptest.NewFar(t, dialect)
			h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, apptest.Line(`#XTCPCLI: 0,"connected"`))
			h.Expect("AT#XTCPSEND", apptest.OK)
			f.Close()
			require.Equal(t, told, h.Settle())
			h.ExpectRaw("lost+++", apptest.URC("#XDATAMODE: -104"))
			h.Expect("AT#XTCPCLI?", apptest.Line("#XTCPCLI: -1,1"))
		})
	}
}

func TestSLMTCPClientOffline(t *testing.T) {
	apptest.Bubble(t, "offline", func(t *testing.T) {
		h, _ := apptest.NewFar(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, apptest.Line(`#XTCPCLI: 0,"connected"`))
		require.Contains(t, h.Send("AT+CFUN=4\r\n")+h.Settle(), apptest.URC(`#XTCPCLI: -115,"disconnected"`))
	})
	apptest.Bubble(t, "modem reset", func(t *testing.T) {
		h, _ := apptest.NewFar(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, apptest.Line(`#XTCPCLI: 0,"connected"`))
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 1,1,6"))
		got := h.Send("AT#XMODEMRESET\r\n")
		time.Sleep(time.Second)
		require.Equal(t, apptest.URC(`#XTCPCLI: -115,"disconnected"`)+apptest.Line("#XMODEMRESET: 0"), got+h.Settle())
		h.Expect("AT#XSOCKET?", apptest.OK)
		h.Expect("AT#XSOCKETSELECT?", apptest.OK)
	})
}

// The TCP server proxy.
func TestSLMTCPServer(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	port := apptest.FreePort(t)
	dial := func() net.Conn {
		c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	h.Expect("AT#XTCPSVR=?", apptest.Line("#XTCPSVR: (0,1,2),<port>,<sec_tag>"))
	h.Expect("AT#XTCPSVR?", apptest.Line("#XTCPSVR: -1,-1,0"))
	h.Expect("AT#XTCPSVR=1", apptest.Refused)
	h.Expect("AT#XTCPSVR=1,70000", apptest.Refused)
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d,5", port), apptest.Refused)
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", port), apptest.Line(`#XTCPSVR: 0,"started"`))
	h.Expect("AT#XTCPSVR?", apptest.Line("#XTCPSVR: 0,-1,1"))
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", port), apptest.Refused)
	h.Expect(`AT#XTCPSEND="a"`, apptest.Refused)
	h.Expect("AT#XTCPHANGUP=1", apptest.Refused)
	h.Expect("AT#XTCPHANGUP=?", apptest.Line("#XTCPHANGUP: <handle>"))

	c := dial()
	h.Unasked(apptest.URC(`#XTCPSVR: "127.0.0.1","connected"`))
	h.Expect("AT#XTCPSVR?", apptest.Line("#XTCPSVR: 0,1,1"))
	apptest.Write(t, c, "Hello, TCP#1!")
	h.Unasked("\r\n#XTCPDATA: 13\r\nHello, TCP#1!")
	h.Expect(`AT#XTCPSEND="answer"`, apptest.Line("#XTCPSEND: 6"))
	require.Equal(t, "answer", apptest.Read(t, c, 6))
	second := dial() // has no place
	_, err := second.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	c.Close()
	h.Unasked(apptest.URC(`#XTCPSVR: 0,"disconnected"`))

	c = dial()
	h.Unasked(apptest.URC(`#XTCPSVR: "127.0.0.1","connected"`))
	h.Expect("AT#XTCPHANGUP=9", apptest.Refused)
	h.Expect("AT#XTCPHANGUP=1", apptest.OK+apptest.URC(`#XTCPSVR: 0,"disconnected"`))
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)

	dial()
	h.Unasked(apptest.URC(`#XTCPSVR: "127.0.0.1","connected"`))
	h.Expect("AT#XTCPSVR=0", apptest.URC(`#XTCPSVR: 0,"disconnected"`)+apptest.URC(`#XTCPSVR: 0,"stopped"`)+apptest.OK)
	h.Expect("AT#XTCPSVR=0", apptest.OK)

	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	busy := netip.MustParseAddrPort(taken.Addr().String()).Port()
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", busy), "\r\n#XTCPSVR: -112,\"not started\"\r\n"+apptest.Refused)
}

func TestSLMUDPProxy(t *testing.T) {
	h := apptest.NewHost(t, "slm")
	far, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer far.Close()
	port := netip.MustParseAddrPort(far.LocalAddr().String()).Port()
	buf := make([]byte, 8192)
	receive := func() (string, net.Addr) {
		n, from, err := far.ReadFrom(buf)
		require.NoError(t, err)
		return string(buf[:n]), from
	}

	h.Expect("AT#XUDPCLI=?", apptest.Line("#XUDPCLI: (0,1,2),<url>,<port>,<sec_tag>,<use_dtls_cid>,<peer_verify>,<hostname_verify>"))
	h.Expect("AT#XUDPCLI?", apptest.Line("#XUDPCLI: -1,0"))
	h.Expect(`AT#XUDPSEND="a"`, apptest.Refused)
	h.Expect(fmt.Sprintf(`AT#XUDPCLI=1,"server.example",%d`, port), apptest.Line(`#XUDPCLI: 0,"connected"`))
	h.Expect("AT#XUDPCLI?", apptest.Line("#XUDPCLI: 0,1"))
	h.Expect("AT#XUDPSVR=1,0", apptest.Refused)
	h.Expect(`AT#XUDPSEND="ping"`, apptest.Line("#XUDPSEND: 4"))
	text, from := receive()
	require.Equal(t, "ping", text)
	far.WriteTo([]byte("pong"), from)
	h.Unasked(fmt.Sprintf("\r\n#XUDPDATA: 4,\"127.0.0.1\",%d\r\npong", port))
	h.Expect("AT#XUDPSEND", apptest.OK)
	h.ExpectRaw(strings.Repeat("d", 1000)+"+++", apptest.Left)
	text, _ = receive()
	require.Equal(t, strings.Repeat("d", 1000), text)
	h.Expect("AT#XUDPSEND", apptest.OK)
	h.ExpectRaw(strings.Repeat("d", 4097), "+++")
	h.ExpectRaw("+++", apptest.URC("#XDATAMODE: -139"))
	h.Expect("AT#XUDPCLI=0", apptest.URC(`#XUDPCLI: 0,"disconnected"`)+apptest.OK)

	h.Expect("AT#XUDPSVR=?", apptest.Line("#XUDPSVR: (0,1,2),<port>,<sec_tag>"))
	server := apptest.FreePort(t)
	h.Expect(fmt.Sprintf("AT#XUDPSVR=1,%d,5", server), apptest.URC(`#UDPSVR: -134,"not started"`)+apptest.Refused)
	h.Expect(fmt.Sprintf("AT#XUDPSVR=1,%d", server), apptest.Line(`#XUDPSVR: 0,"started"`))
	h.Expect("AT#XUDPSVR?", apptest.Line("#XUDPSVR: 0,1"))
	h.Expect(`AT#XUDPSEND="a"`, apptest.Refused) // to whom?
	h.Expect("AT#XUDPSEND", apptest.OK)
	h.ExpectRaw("a+++", apptest.Left)
	far.WriteTo([]byte("hi"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(server)})
	h.Unasked(fmt.Sprintf("\r\n#XUDPDATA: 2,\"127.0.0.1\",%d\r\nhi", port))
	h.Expect(`AT#XUDPSEND="ho"`, apptest.Line("#XUDPSEND: 2"))
	text, _ = receive()
	require.Equal(t, "ho", text)
	last, err := net.ListenPacket("udp4", "127.0.0.1:0") // who has sent last is answered
	require.NoError(t, err)
	defer last.Close()
	last.WriteTo([]byte("me"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(server)})
	h.Unasked(fmt.Sprintf("\r\n#XUDPDATA: 2,\"127.0.0.1\",%d\r\nme", last.LocalAddr().(*net.UDPAddr).Port))
	h.Expect(`AT#XUDPSEND="you"`, apptest.Line("#XUDPSEND: 3"))
	last.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := last.ReadFrom(buf)
	require.NoError(t, err)
	require.Equal(t, "you", string(buf[:n]))
	h.Expect("AT#XUDPSVR=0", apptest.URC(`#XUDPSVR: 0,"stopped"`)+apptest.OK)
	h.Expect(fmt.Sprintf("AT#XUDPSVR=1,%d", port), "\r\n#UDPSVR: -112,\"not started\"\r\n"+apptest.Refused)
}

// A slow host holds back the peer of a proxy.
func TestSLMProxySlowHost(t *testing.T) {
	apptest.Bubble(t, "tcp", func(t *testing.T) {
		h, f := apptest.NewFar(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, apptest.Line(`#XTCPCLI: 0,"connected"`))
		h.Hold(true)
		done := make(chan struct{})
		go func() {
			defer close(done)
			io.WriteString(f, strings.Repeat("x", 1<<20))
		}()
		require.Empty(t, h.Settle())
		select {
		case <-done:
			t.Fatal("the peer was not held back")
		default:
		}
		for n := 0; n < 1<<20; {
			h.Hold(false) // the host has taken what there was
			got := strings.Count(h.Settle(), "x")
			require.NotZero(t, got)
			n += got
		}
		<-done
	})
}
