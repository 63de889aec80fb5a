package socket_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// BenchmarkHandshake makes a TLS handshake by crypto/tls directly and one through
// the engine in turn, both with TCP connect and certificate check, and reports
// the engine's time as a multiple ("ratio").
func BenchmarkHandshake(b *testing.B) {
	ca := newCA(b, "Test CA")
	rsaCA := issue(b, nil, rsaKey(b, "rsa2048.pem"), authority("RSA CA"))
	for _, bb := range []struct {
		name   string
		ca     *identity
		server *identity
	}{
		{"P-256", ca, issue(b, ca, p256(b), forHosts(broker))},
		{"RSA-2048", rsaCA, issue(b, rsaCA, rsaKey(b, "rsa2048.pem"), forHosts(broker))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			port := serveTLS(b, &tls.Config{Certificates: []tls.Certificate{bb.server.pair()}, MaxVersion: tls.VersionTLS12})
			at := fmt.Sprintf("127.0.0.1:%d", port)
			direct := &tls.Config{RootCAs: bb.ca.pool(), ServerName: broker,
				MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
				CipherSuites: socket.TLSCipherSuites(socket.ModemCipherSuites())}
			e, _ := start(b, socket.Config{Credentials: tag24(bb.ca.pem())})
			var bare, engine []time.Duration
			for b.Loop() {
				began := time.Now()
				c, err := tls.Dial("tcp", at, direct)
				require.NoError(b, err)
				bare = append(bare, time.Since(began))
				c.Close()

				began = time.Now()
				s := open(b, e, socket.TLS12)
				require.NoError(b, s.SetHostName(broker))
				require.NoError(b, s.Connect(broker, port))
				engine = append(engine, time.Since(began))
				s.Close()
			}
			report(b, bare, engine)
		})
	}
}

// report states the medians and their ratio.
func report(b *testing.B, direct, engine []time.Duration) {
	slices.Sort(direct)
	slices.Sort(engine)
	d, e := direct[len(direct)/2], engine[len(engine)/2]
	b.ReportMetric(float64(d.Microseconds()), "direct-µs")
	b.ReportMetric(float64(e.Microseconds()), "engine-µs")
	b.ReportMetric(float64(e)/float64(d), "ratio")
}

// BenchmarkTransfer sends 1 MB over TLS in messages of 2,048 bytes, directly and
// through the engine.
func BenchmarkTransfer(b *testing.B) {
	ca := newCA(b, "Test CA")
	pair := issue(b, ca, p256(b), forHosts(broker)).pair()
	port := serve(b, func(c net.Conn) {
		tc := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12})
		echoNothing(tc)
	})
	message := make([]byte, 2048)
	bare, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	require.NoError(b, err)
	defer bare.Close()
	e, _ := start(b, socket.Config{Credentials: tag24(ca.pem())})
	s := open(b, e, socket.TLS12)
	require.NoError(b, s.Connect("127.0.0.1", port))
	var direct, engine []time.Duration
	for b.Loop() {
		began := time.Now()
		for range 512 {
			_, err := bare.Write(message)
			require.NoError(b, err)
		}
		direct = append(direct, time.Since(began))
		began = time.Now()
		for range 512 {
			if _, err := s.TrySend(message); err != nil {
				require.ErrorIs(b, err, socket.EAGAIN)
				_, err = s.Send(message)
				require.NoError(b, err)
			}
		}
		engine = append(engine, time.Since(began))
	}
	report(b, direct, engine)
}

// serverProcess runs this test binary as a TLS server of its own, so that only
// the clients' memory is measured here, and returns its port.
func serverProcess(tb testing.TB, server *identity) uint16 {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"="+string(server.pem())+string(server.keyPEM()))
	in, err := cmd.StdinPipe()
	require.NoError(tb, err)
	out, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	tb.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(tb, err)
	port, err := strconv.ParseUint(strings.TrimSpace(line), 10, 16)
	require.NoError(tb, err)
	return uint16(port)
}

const serverVariable = "NRF91EMU_SOCKET_TEST_SERVER"

// serverMain is the life of that process: until standard input closes.
func serverMain(pem string) {
	pair, err := tls.X509KeyPair([]byte(pem), []byte(pem))
	if err != nil {
		panic(err)
	}
	ln, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		panic(err)
	}
	fmt.Println(ln.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go echo(c)
		}
	}()
	os.Stdin.Read(make([]byte, 1))
}

// memory returns what the heap and the stacks take, after a collection.
func memory() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// BenchmarkMemory states what an idle engine takes and what a TLS session takes,
// beside one of crypto/tls with a goroutine that reads. Run it with -benchtime 1x.
func BenchmarkMemory(b *testing.B) {
	const n = 1000
	ca := newCA(b, "Test CA")
	port := serverProcess(b, issue(b, ca, p256(b), forHosts(broker)))
	cfg := socket.Config{Credentials: tag24(ca.pem()), Policy: socket.DefaultPolicy(), NoExternal: true}
	for b.Loop() {
		before := memory()
		engines := make([]*socket.Engine, n)
		for i := range engines {
			engines[i] = socket.New(cfg)
		}
		b.ReportMetric((memory()-before)/n, "B/idle-engine")

		before = memory()
		var sockets []*socket.Socket
		for _, e := range engines {
			e.SetNetwork(socket.Online)
			s := open(b, e, socket.TLS12)
			require.NoError(b, s.SetHostName(broker))
			require.NoError(b, s.Connect("127.0.0.1", port))
			sockets = append(sockets, s)
		}
		for _, s := range sockets {
			exchange(b, s)
		}
		engine := (memory() - before) / n
		for _, e := range engines {
			e.Shutdown()
			e.Wait()
		}
		sockets = nil

		before = memory()
		direct := &tls.Config{RootCAs: ca.pool(), ServerName: broker, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
		var conns []*tls.Conn
		for range n {
			c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port), direct)
			require.NoError(b, err)
			c.Write([]byte("Hi from nRF91"))
			buf := make([]byte, 512)
			c.Read(buf)
			go c.Read(buf)
			conns = append(conns, c)
		}
		bare := (memory() - before) / n
		for _, c := range conns {
			c.Close()
		}
		b.ReportMetric(engine, "B/session")
		b.ReportMetric(bare, "B/bare-session")
		b.ReportMetric(engine/bare, "ratio")
		runtime.KeepAlive(sockets)
	}
}

// TestLeaks connects and fails many times and counts goroutines and descriptors
// after it: 10,000 times with NRF91EMU_LONG=1.
func TestLeaks(t *testing.T) {
	rounds := 25
	if os.Getenv("NRF91EMU_LONG") != "" {
		rounds = 2000
	}
	ca, other := newCA(t, "Test CA"), newCA(t, "Other CA")
	good := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{issue(t, ca, p256(t), forHosts(broker)).pair()}})
	plain := serve(t, func(c net.Conn) { c.Read(make([]byte, 1)) })
	dtlsPort := serveDTLS(t, psk("me", 10, 11)...)
	creds := tag24(ca.pem()).put(25, other.pem()).put(26, nil, nil, nil, []byte("0a0b"), []byte("me"))
	e, _ := start(t, socket.Config{Credentials: creds})
	round := func() {
		for _, step := range []struct {
			proto socket.Protocol
			tag   uint32
			port  uint16
			ok    bool
		}{
			{socket.TLS12, 24, good, true}, {socket.TLS12, 25, good, false}, {socket.TLS12, 24, plain, false},
			{socket.TCP, 0, good, true}, {socket.DTLS12, 26, dtlsPort, true},
		} {
			s := open(t, e, step.proto)
			if step.tag != 0 {
				require.NoError(t, s.SetSecTags([]uint32{step.tag}))
			}
			err := s.Connect("127.0.0.1", step.port)
			require.Equal(t, step.ok, err == nil, "%v", err)
			require.NoError(t, s.Close())
		}
	}
	count := func() (goroutines, descriptors int) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc/self/fd to count descriptors in")
		}
		return runtime.NumGoroutine(), len(entries)
	}
	round()
	goroutines, descriptors := count()
	for range rounds {
		round()
	}
	require.Eventually(t, func() bool { // the other ends close in their own time
		g, d := count()
		return g <= goroutines+5 && d <= descriptors+5
	}, 10*time.Second, time.Millisecond, "goroutines or descriptors did not come back")
}
