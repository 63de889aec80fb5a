package emulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nrf91emu/emulator/socket"
)

// serverVariable makes this test binary a TLS echo server with the certificate
// and key in it, see serverProcess.
const serverVariable = "NRF91EMU_TEST_SERVER"

func TestMain(m *testing.M) {
	if pem := os.Getenv(serverVariable); pem != "" {
		if err := echoUntilEOF(pem); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// echoUntilEOF prints its port and serves until standard input closes.
func echoUntilEOF(pem string) error {
	pair, err := tls.X509KeyPair([]byte(pem), []byte(pem))
	if err != nil {
		return err
	}
	ln, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return err
	}
	fmt.Println(portOf(ln))
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go echo(c)
		}
	}()
	io.Copy(io.Discard, os.Stdin)
	return nil
}

// serverProcess starts a TLS echo server of its own process, so that only the
// clients' memory is in this one, and returns its port.
func serverProcess(t testing.TB, cert, key string) uint16 {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"="+cert+key)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		require.NoError(t, cmd.Wait())
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	port, err := strconv.ParseUint(strings.TrimSpace(line), 10, 16)
	require.NoError(t, err)
	return uint16(port)
}

func portOf(ln net.Listener) uint16 { return netip.MustParseAddrPort(ln.Addr().String()).Port() }

// long reports whether there is time for tests of many seconds.
func long() bool { return os.Getenv("NRF91EMU_LONG") != "" }

// A footprint is what the process takes, in bytes.
type footprint struct{ live, resident float64 }

// measure returns heap and stacks in use after a collection, and the resident set
// where the host tells it.
func measure() (f footprint) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.live = float64(m.HeapAlloc + m.StackInuse)
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, pages int
		fmt.Sscan(string(statm), &size, &pages)
		f.resident = float64(pages * os.Getpagesize())
	}
	return f
}

// since returns what has come since before, for each of n.
func (f footprint) since(before footprint, n int) footprint {
	return footprint{(f.live - before.live) / float64(n), (f.resident - before.resident) / float64(n)}
}

func (f footprint) String() string {
	return fmt.Sprintf("%.1f kB of heap and stack, %.1f kB resident", f.live/1000, f.resident/1000)
}

// Many modems in one process have a TLS session each, all at the same time, and
// every one exchanges a message. The log states what a session takes beside one
// of crypto/tls: 1,000 of each with NRF91EMU_LONG=1.
func TestManySessions(t *testing.T) {
	n := 20
	if long() {
		n = 1000
	}
	const message = "Hi from nRF91"
	ca := newAuthority(t, "Root")
	cert, key := ca.server(t, broker)
	port := serverProcess(t, cert, key)

	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	config := &tls.Config{
		RootCAs: roots, ServerName: broker, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
		CipherSuites: socket.TLSCipherSuites(socket.ModemCipherSuites()),
	}
	before := measure()
	conns := make([]*tls.Conn, n)
	var readers sync.WaitGroup
	for i := range conns {
		c, err := tls.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port), config)
		require.NoError(t, err)
		conns[i] = c
	}
	for _, c := range conns {
		_, err := io.WriteString(c, message)
		require.NoError(t, err)
		buf := make([]byte, 512)
		got, err := c.Read(buf)
		require.NoError(t, err)
		require.Equal(t, message, string(buf[:got]))
		readers.Go(func() { c.Read(buf) }) // what a client does that waits for messages
	}
	direct := measure().since(before, n)
	for _, c := range conns {
		c.Close()
	}
	readers.Wait()
	conns = nil

	before = measure()
	modems := make([]*rawHost, n)
	for i := range modems {
		modems[i] = newRawHost(t, false)
		modems[i].expect(`AT%CMNG=0,24,0,"`+ca.pem+"\"\r", "\r\nOK\r\n")
		modems[i].expect("AT+CFUN=1\r", "\r\nOK\r\n")
	}
	idle := measure().since(before, n)

	before = measure()
	for _, m := range modems {
		m.openTLS(24)
		m.expect(fmt.Sprintf("AT#XCONNECT=0,%q,%d\r", broker, port), "\r\n#XCONNECT: 0,1\r\n\r\nOK\r\n")
	}
	for _, m := range modems {
		m.exchange(message)
	}
	session := measure().since(before, n)
	t.Logf("%d modems, online, each:          %v", n, idle)
	t.Logf("%d TLS sessions of theirs, each:  %v", n, session)
	t.Logf("%d of crypto/tls directly, each:  %v", n, direct)
	t.Logf("a modem's session takes %.2f times the heap and stack of a direct one", session.live/direct.live)
}

// openTLS opens socket 0 with a security tag and the host name.
func (h *rawHost) openTLS(tag int) {
	h.t.Helper()
	h.expect(fmt.Sprintf("AT#XSSOCKET=1,1,0,%d,2\r", tag), "\r\n#XSSOCKET: 0,1,258\r\n\r\nOK\r\n")
	h.expect("AT#XSSOCKETOPT=0,1,2,\""+broker+"\"\r", "\r\nOK\r\n")
}

// exchange sends a message on socket 0 and gets it back.
func (h *rawHost) exchange(message string) {
	h.t.Helper()
	h.expect(fmt.Sprintf("AT#XSEND=0,0,0,%q\r", message), fmt.Sprintf("\r\n#XSEND: 0,0,%d\r\n\r\nOK\r\n", len(message)))
	h.expect("AT#XRECV=0,0,0,5\r", fmt.Sprintf("\r\n#XRECV: 0,0,%d\r\n%s\r\nOK\r\n", len(message), message))
}

// Connects that succeed and connects that fail leave neither goroutines nor
// descriptors behind: 10,000 of them with NRF91EMU_LONG=1.
func TestConnectsLeaveNothing(t *testing.T) {
	rounds := 5
	if long() {
		rounds = 1000
	} else {
		// The collector closes what nobody refers to any more and would hide that it
		// was left open.
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
	}
	ca, other := newAuthority(t, "Root"), newAuthority(t, "Another Root")
	good := listenTLS(t, ca.tls(t, broker), echo)
	wrongName := listenTLS(t, ca.tls(t, "other.example"), echo)
	wantsCertificate := ca.tls(t, broker)
	wantsCertificate.ClientAuth = tls.RequireAnyClientCert
	mutual := listenTLS(t, wantsCertificate, echo)
	hangsUp := listenTLS(t, ca.tls(t, broker), func(c net.Conn) { c.(*tls.Conn).Handshake() })
	noTLS := listenTCP(t, func(c net.Conn) { io.WriteString(c, "220 mail.example\r\n") })
	resets := listenTCP(t, func(c net.Conn) {
		c.Read(make([]byte, 1))
		c.(*net.TCPConn).SetLinger(0)
	})
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := portOf(ln)
	ln.Close()

	h := newRawHost(t, true)
	h.expect(`AT%CMNG=0,24,0,"`+ca.pem+"\"\r", "\r\nOK\r\n")
	h.expect(`AT%CMNG=0,25,0,"`+other.pem+"\"\r", "\r\nOK\r\n")
	h.expect("AT+CFUN=1\r", "\r\nOK\r\n")
	round := func() {
		for _, c := range []struct {
			what string
			tag  int // 0 is plain TCP
			port uint16
			ok   bool
		}{
			{"good", 24, good, true},
			{"plain TCP", 0, good, true},
			{"the server hangs up", 24, hangsUp, true},
			{"wrong CA", 25, good, false},
			{"wrong host", 24, wrongName, false},
			{"empty tag", 42, good, false},
			{"client certificate missing", 24, mutual, false},
			{"no TLS", 24, noTLS, false},
			{"reset in the handshake", 24, resets, false},
			{"nobody listens", 24, nobody, false},
		} {
			if c.tag == 0 {
				h.expect("AT#XSOCKET=1,1,0\r", "\r\n#XSOCKET: 0,1,6\r\n\r\nOK\r\n")
			} else {
				h.openTLS(c.tag)
			}
			answer := "\r\nERROR\r\n"
			if c.ok {
				answer = "\r\n#XCONNECT: 0,1\r\n\r\nOK\r\n"
			}
			h.expect(fmt.Sprintf("AT#XCONNECT=0,%q,%d\r", broker, c.port), answer)
			if c.what == "good" {
				h.exchange("Hi from nRF91")
			}
			h.expect("AT#XCLOSE=0\r", "\r\n#XCLOSE: 0,0\r\n\r\nOK\r\n")
		}
	}
	descriptors, counted := openDescriptors()
	if !counted {
		t.Log("without /proc/self/fd the descriptors are not counted")
	}
	goroutines := goleak.IgnoreCurrent()
	for range rounds {
		round()
	}
	goleak.VerifyNone(t, goroutines)
	require.Eventually(t, func() bool { // the servers close their ends in their own time
		now, _ := openDescriptors()
		return now <= descriptors
	}, 10*time.Second, time.Millisecond, "the descriptors did not come back")
}

// openDescriptors counts the descriptors that are open.
func openDescriptors() (n int, ok bool) {
	entries, err := os.ReadDir("/proc/self/fd")
	return len(entries), err == nil
}

// listenTCP runs fn on each connection of a TCP server.
func listenTCP(t testing.TB, fn func(net.Conn)) (port uint16) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	return serve(t, ln, fn)
}
