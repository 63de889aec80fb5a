package socket_test

import (
	"crypto/tls"
	"fmt"
	"testing"
	"time"
	"net"
	"context"

	"github.com/stretchr/testify/require"
	"nrf91emu/emulator/socket"
)

func BenchmarkZZ(b *testing.B) {
	ca := newCA(b, "Test CA")
	srv := issue(b, ca, p256(b), forHosts(broker))
	port := serveTLS(b, &tls.Config{Certificates: []tls.Certificate{srv.pair()}, MaxVersion: tls.VersionTLS12})
	at := fmt.Sprintf("127.0.0.1:%d", port)
	direct := &tls.Config{RootCAs: ca.pool(), ServerName: broker,
		MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
		CipherSuites: socket.TLSCipherSuites(socket.ModemCipherSuites())}
	var a, c, d, f []time.Duration
	e := socket.New(socket.Config{Credentials: tag24(ca.pem()), NoExternal: true})
	e.SetNetwork(socket.Online)
	for b.Loop() {
		t0 := time.Now()
		x, err := tls.Dial("tcp", at, direct)
		require.NoError(b, err)
		a = append(a, time.Since(t0))
		x.Close()

		t0 = time.Now()
		ch := make(chan error)
		go func() { x, err = tls.Dial("tcp", at, direct); ch <- err }()
		<-ch
		c = append(c, time.Since(t0))
		x.Close()

		t0 = time.Now()
		go func() {
			dd := net.Dialer{KeepAlive: -1}
			y, _ := dd.DialContext(context.Background(), "tcp4", at)
			x = tls.Client(y, direct.Clone())
			ch <- x.Handshake()
		}()
		<-ch
		d = append(d, time.Since(t0))
		x.Close()

		t0 = time.Now()
		s, _ := e.Open(1, 1, 258)
		s.SetSecTags([]uint32{24})
		s.SetOption(socket.PeerVerify, 2)
		require.NoError(b, s.SetHostName(broker))
		require.NoError(b, s.Connect("127.0.0.1", port))
		f = append(f, time.Since(t0))
		s.Close()
	}
	e.Shutdown(); e.Wait()
	report(b, a, c)
	b.Log("gor")
	report2(b, a, d, "raw")
	report2(b, a, f, "eng")
}
func report2(b *testing.B, x, y []time.Duration, n string) {
	_ = x
	slicesSort(y)
	b.ReportMetric(float64(y[len(y)/2].Microseconds()), n)
}
