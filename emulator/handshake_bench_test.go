package emulator_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/socket"
)

// BenchmarkTLSHandshake connects to one server in turn by crypto/tls and by
// #XCONNECT of a modem, over a pipe, on a socket that is open. Both connect by
// TCP, offer the same cipher suites and check certificate and host name. It
// reports the medians and the modem's as a multiple ("ratio").
func BenchmarkTLSHandshake(b *testing.B) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(b, err)
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(b, err)
	for _, server := range []struct {
		name string
		key  crypto.Signer
	}{{"P-256", p256}, {"RSA-2048", rsa2048}} {
		for _, recorded := range []bool{false, true} {
			name := server.name
			if recorded {
				name += "/recorded"
			}
			b.Run(name, func(b *testing.B) { benchmarkHandshake(b, server.key, recorded) })
		}
	}
}

func benchmarkHandshake(b *testing.B, key crypto.Signer, recorded bool) {
	ca := newAuthority(b, "Root")
	cert, keyPEM := ca.issue(b, broker, key)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(keyPEM))
	require.NoError(b, err)
	ended := make(chan struct{})
	port := listenTLS(b, &tls.Config{Certificates: []tls.Certificate{pair}}, func(c net.Conn) {
		io.Copy(io.Discard, c)
		ended <- struct{}{}
	})
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	config := &tls.Config{
		RootCAs: roots, ServerName: broker, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
		CipherSuites: socket.TLSCipherSuites(socket.ModemCipherSuites()),
	}
	h := newRawHost(b, recorded)
	h.expect(`AT%CMNG=0,24,0,"`+ca.pem+"\"\r", "\r\nOK\r\n")
	h.expect("AT+CFUN=1\r", "\r\nOK\r\n")
	connect := fmt.Sprintf("AT#XCONNECT=0,%q,%d\r", broker, port)

	var direct, throughModem []time.Duration
	for b.Loop() {
		began := time.Now()
		c, err := tls.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port), config)
		require.NoError(b, err)
		direct = append(direct, time.Since(began))
		c.Close()
		<-ended // what the server has still to do must not fall into the other's time

		h.openTLS(24)
		began = time.Now()
		h.expect(connect, "\r\n#XCONNECT: 0,1\r\n\r\nOK\r\n")
		throughModem = append(throughModem, time.Since(began))
		h.expect("AT#XCLOSE=0\r", "\r\n#XCLOSE: 0,0\r\n\r\nOK\r\n")
		<-ended
	}
	slices.Sort(direct)
	slices.Sort(throughModem)
	d, m := direct[len(direct)/2], throughModem[len(throughModem)/2]
	b.ReportMetric(float64(d.Microseconds()), "direct-µs")
	b.ReportMetric(float64(m.Microseconds()), "modem-µs")
	b.ReportMetric(float64(m)/float64(d), "ratio")
}

// A rawHost is a modem with Serial Modem and a host that compares bytes, which
// costs less than an AT client.
type rawHost struct {
	t      testing.TB
	device *emulator.Device
	pipe   net.Conn
	done   chan error
}

// newRawHost returns a modem that is on and offline; recorded says whether
// somebody listens to its event record.
func newRawHost(t testing.TB, recorded bool) *rawHost {
	air := network.Default()
	air.AttachDelay = 0
	cfg := emulator.Config{
		Dialect: dialect(t, "serial-modem"), Network: &air, NoExternal: true,
		Hosts: map[string]netip.AddrPort{broker: netip.MustParseAddrPort("127.0.0.1:0")},
	}
	if recorded {
		cfg.Log = new(event.Log)
		cfg.Log.Subscribe(func(*event.Event) {})
	}
	d, err := emulator.New(cfg)
	require.NoError(t, err)
	port, pipe := link.Pipe()
	h := &rawHost{t: t, device: d, pipe: pipe, done: make(chan error, 1)}
	go func() { h.done <- d.Serve(port) }()
	require.NoError(t, d.PowerOn())
	t.Cleanup(h.close)
	h.expect("", "Ready\r\n")
	return h
}

func (h *rawHost) close() {
	require.NoError(h.t, h.device.Close())
	h.pipe.Close()
	require.NoError(h.t, <-h.done)
}

// expect sends and reads exactly what is wanted.
func (h *rawHost) expect(send, want string) {
	h.t.Helper()
	_, err := io.WriteString(h.pipe, send)
	require.NoError(h.t, err)
	var got [128]byte
	answer := got[:len(want)]
	n, err := io.ReadFull(h.pipe, answer)
	require.NoError(h.t, err, "%q was answered with %q", send, answer[:n])
	require.Equal(h.t, want, string(answer), strings.TrimSpace(send))
}
