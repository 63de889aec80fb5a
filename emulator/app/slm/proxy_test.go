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
)

func TestSLMTCPClient(t *testing.T) {
	h := newHost(t, "slm")
	port, conn := peer(t)
	h.Expect("AT#XTCPCLI=?", line("#XTCPCLI: (0,1,2),<url>,<port>,<sec_tag>,<peer_verify>,<hostname_verify>,<cid>"))
	h.Expect("AT#XTCPCLI=0", ok)
	h.Expect(`AT#XTCPSEND="a"`, refused)
	h.Expect("AT#XTCPSEND", ok)
	h.ExpectRaw("to nobody+++", left)
	h.Expect("AT#XUDPSEND", refused)
	for _, wrong := range []string{
		`=1,"127.0.0.1"`, `=1,"127.0.0.1",0`, `=3,"127.0.0.1",1`, `=1,"127.0.0.1",1,-1`, `=1,"127.0.0.1",1,1,3`,
		`=1,"127.0.0.1",1,1,2,2`, `=1,"127.0.0.1",1,1,2,1,11`, `=1,"127.0.0.1",1,"","","",""`, `=1,"127.0.0.1",1,`, `=1,"127.0.0.1",1,1,,1`, `=1,"",1`, "", "=",
	} {
		h.Expect("AT#XTCPCLI"+wrong, refused)
	}
	closed := freePort(t)
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d`, closed), "\r\n#XTCPCLI: -111,\"not connected\"\r\n"+refused)
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d`, port), line(`#XTCPCLI: 0,"connected"`))
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"server.example",%d`, port), refused)
	h.Expect("AT#XTCPSVR=1,1", refused)
	h.Expect("AT#XSOCKET?", ok) // its socket is not one of the socket commands

	c := conn()
	h.Expect(`AT#XTCPSEND="Hello"`, line("#XTCPSEND: 5"))
	h.Expect(`AT#XTCPSEND="",512`, line("#XTCPSEND: 0"))
	h.Expect(`AT#XTCPSEND="a",7`, refused)
	require.Equal(t, "Hello", read(t, c, 5))
	write(t, c, "World")
	h.Unasked("\r\n#XTCPDATA: 5\r\nWorld")
	h.Expect("AT#XTCPSEND", ok)
	h.Quiet("out")
	write(t, c, "in") // without a header
	h.Unasked("in")
	h.ExpectRaw("+++", left)
	require.Equal(t, "out", read(t, c, 3))
	c.Close()
	h.Unasked(urc(`#XTCPCLI: -104,"disconnected"`))
	h.Expect("AT#XTCPCLI?", line("#XTCPCLI: -1,1"))
	again := fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d,"","",none`, port)
	h.Expect(again, refused) // before it has said that it knows
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", closed), refused)
	h.Expect("AT#XTCPCLI=0", ok)
	h.Expect(again, line(`#XTCPCLI: 0,"connected"`))
	h.Expect("AT#XTCPCLI=0", urc(`#XTCPCLI: 0,"disconnected"`)+ok)
	h.Expect(again, line(`#XTCPCLI: 0,"connected"`))
}

// The proxy of older releases starts again at once, and takes no texts for numbers.
func TestSLMOldTCPClient(t *testing.T) {
	h := newHost(t, "slm-2.4")
	port, conn := peer(t)
	h.Expect("AT#XTCPSEND", refused)
	h.Expect(fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d,""`, port), refused)
	connect := fmt.Sprintf(`AT#XTCPCLI=1,"127.0.0.1",%d`, port)
	h.Expect(connect, line(`#XTCPCLI: 0,"connected"`))
	conn().Close()
	h.Unasked(urc(`#XTCPCLI: -104,"disconnected"`))
	h.Expect(connect, line(`#XTCPCLI: 0,"connected"`))
}

// A connection that dies in data mode ends that: from NCS 2.8 on, the device
// says so.
func TestSLMTCPClientDiesInDataMode(t *testing.T) {
	for dialect, told := range map[string]string{"slm": "+++", "slm-2.4": ""} {
		bubble(t, dialect, func(t *testing.T) {
			h, f := newFar(t, dialect)
			h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, line(`#XTCPCLI: 0,"connected"`))
			h.Expect("AT#XTCPSEND", ok)
			f.Close()
			require.Equal(t, told, h.Settle())
			h.ExpectRaw("lost+++", urc("#XDATAMODE: -104"))
			h.Expect("AT#XTCPCLI?", line("#XTCPCLI: -1,1"))
		})
	}
}

func TestSLMTCPClientOffline(t *testing.T) {
	bubble(t, "offline", func(t *testing.T) {
		h, _ := newFar(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, line(`#XTCPCLI: 0,"connected"`))
		require.Contains(t, h.Send("AT+CFUN=4\r\n")+h.Settle(), urc(`#XTCPCLI: -115,"disconnected"`))
	})
	bubble(t, "modem reset", func(t *testing.T) {
		h, _ := newFar(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, line(`#XTCPCLI: 0,"connected"`))
		h.Expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 1,1,6"))
		got := h.Send("AT#XMODEMRESET\r\n")
		time.Sleep(time.Second)
		require.Equal(t, urc(`#XTCPCLI: -115,"disconnected"`)+line("#XMODEMRESET: 0"), got+h.Settle())
		h.Expect("AT#XSOCKET?", ok)
		h.Expect("AT#XSOCKETSELECT?", ok)
	})
}

// The TCP server proxy.
func TestSLMTCPServer(t *testing.T) {
	h := newHost(t, "slm")
	port := freePort(t)
	dial := func() net.Conn {
		c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	h.Expect("AT#XTCPSVR=?", line("#XTCPSVR: (0,1,2),<port>,<sec_tag>"))
	h.Expect("AT#XTCPSVR?", line("#XTCPSVR: -1,-1,0"))
	h.Expect("AT#XTCPSVR=1", refused)
	h.Expect("AT#XTCPSVR=1,70000", refused)
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d,5", port), refused)
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", port), line(`#XTCPSVR: 0,"started"`))
	h.Expect("AT#XTCPSVR?", line("#XTCPSVR: 0,-1,1"))
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", port), refused)
	h.Expect(`AT#XTCPSEND="a"`, refused)
	h.Expect("AT#XTCPHANGUP=1", refused)
	h.Expect("AT#XTCPHANGUP=?", line("#XTCPHANGUP: <handle>"))

	c := dial()
	h.Unasked(urc(`#XTCPSVR: "127.0.0.1","connected"`))
	h.Expect("AT#XTCPSVR?", line("#XTCPSVR: 0,1,1"))
	write(t, c, "Hello, TCP#1!")
	h.Unasked("\r\n#XTCPDATA: 13\r\nHello, TCP#1!")
	h.Expect(`AT#XTCPSEND="answer"`, line("#XTCPSEND: 6"))
	require.Equal(t, "answer", read(t, c, 6))
	second := dial() // has no place
	_, err := second.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	c.Close()
	h.Unasked(urc(`#XTCPSVR: 0,"disconnected"`))

	c = dial()
	h.Unasked(urc(`#XTCPSVR: "127.0.0.1","connected"`))
	h.Expect("AT#XTCPHANGUP=9", refused)
	h.Expect("AT#XTCPHANGUP=1", ok+urc(`#XTCPSVR: 0,"disconnected"`))
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)

	dial()
	h.Unasked(urc(`#XTCPSVR: "127.0.0.1","connected"`))
	h.Expect("AT#XTCPSVR=0", urc(`#XTCPSVR: 0,"disconnected"`)+urc(`#XTCPSVR: 0,"stopped"`)+ok)
	h.Expect("AT#XTCPSVR=0", ok)

	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	busy := netip.MustParseAddrPort(taken.Addr().String()).Port()
	h.Expect(fmt.Sprintf("AT#XTCPSVR=1,%d", busy), "\r\n#XTCPSVR: -112,\"not started\"\r\n"+refused)
}

func TestSLMUDPProxy(t *testing.T) {
	h := newHost(t, "slm")
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

	h.Expect("AT#XUDPCLI=?", line("#XUDPCLI: (0,1,2),<url>,<port>,<sec_tag>,<use_dtls_cid>,<peer_verify>,<hostname_verify>"))
	h.Expect("AT#XUDPCLI?", line("#XUDPCLI: -1,0"))
	h.Expect(`AT#XUDPSEND="a"`, refused)
	h.Expect(fmt.Sprintf(`AT#XUDPCLI=1,"server.example",%d`, port), line(`#XUDPCLI: 0,"connected"`))
	h.Expect("AT#XUDPCLI?", line("#XUDPCLI: 0,1"))
	h.Expect("AT#XUDPSVR=1,0", refused)
	h.Expect(`AT#XUDPSEND="ping"`, line("#XUDPSEND: 4"))
	text, from := receive()
	require.Equal(t, "ping", text)
	far.WriteTo([]byte("pong"), from)
	h.Unasked(fmt.Sprintf("\r\n#XUDPDATA: 4,\"127.0.0.1\",%d\r\npong", port))
	h.Expect("AT#XUDPSEND", ok)
	h.ExpectRaw(strings.Repeat("d", 1000)+"+++", left)
	text, _ = receive()
	require.Equal(t, strings.Repeat("d", 1000), text)
	h.Expect("AT#XUDPSEND", ok)
	h.ExpectRaw(strings.Repeat("d", 4097), "+++")
	h.ExpectRaw("+++", urc("#XDATAMODE: -139"))
	h.Expect("AT#XUDPCLI=0", urc(`#XUDPCLI: 0,"disconnected"`)+ok)

	h.Expect("AT#XUDPSVR=?", line("#XUDPSVR: (0,1,2),<port>,<sec_tag>"))
	server := freePort(t)
	h.Expect(fmt.Sprintf("AT#XUDPSVR=1,%d,5", server), urc(`#UDPSVR: -134,"not started"`)+refused)
	h.Expect(fmt.Sprintf("AT#XUDPSVR=1,%d", server), line(`#XUDPSVR: 0,"started"`))
	h.Expect("AT#XUDPSVR?", line("#XUDPSVR: 0,1"))
	h.Expect(`AT#XUDPSEND="a"`, refused) // to whom?
	h.Expect("AT#XUDPSEND", ok)
	h.ExpectRaw("a+++", left)
	far.WriteTo([]byte("hi"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(server)})
	h.Unasked(fmt.Sprintf("\r\n#XUDPDATA: 2,\"127.0.0.1\",%d\r\nhi", port))
	h.Expect(`AT#XUDPSEND="ho"`, line("#XUDPSEND: 2"))
	text, _ = receive()
	require.Equal(t, "ho", text)
	last, err := net.ListenPacket("udp4", "127.0.0.1:0") // who has sent last is answered
	require.NoError(t, err)
	defer last.Close()
	last.WriteTo([]byte("me"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(server)})
	h.Unasked(fmt.Sprintf("\r\n#XUDPDATA: 2,\"127.0.0.1\",%d\r\nme", last.LocalAddr().(*net.UDPAddr).Port))
	h.Expect(`AT#XUDPSEND="you"`, line("#XUDPSEND: 3"))
	last.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := last.ReadFrom(buf)
	require.NoError(t, err)
	require.Equal(t, "you", string(buf[:n]))
	h.Expect("AT#XUDPSVR=0", urc(`#XUDPSVR: 0,"stopped"`)+ok)
	h.Expect(fmt.Sprintf("AT#XUDPSVR=1,%d", port), "\r\n#UDPSVR: -112,\"not started\"\r\n"+refused)
}

// A slow host holds back the peer of a proxy.
func TestSLMProxySlowHost(t *testing.T) {
	bubble(t, "tcp", func(t *testing.T) {
		h, f := newFar(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, line(`#XTCPCLI: 0,"connected"`))
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
