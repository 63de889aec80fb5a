package emulator_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"nrf91emu/emulator"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
)

// BenchmarkTLSUpload sends a megabyte from a pty to a TLS server: through #XSEND
// in data mode, and by a program that copies from the pty to a TLS connection
// with the same cipher suite and the same record size.
func BenchmarkTLSUpload(b *testing.B) {
	const size = 1 << 20
	payload := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	ca := newAuthority(b, "Root")
	arrived := make(chan int64)
	port := listenTLS(b, ca.tls(b, broker), func(c net.Conn) {
		for {
			n, err := io.CopyN(io.Discard, c, size)
			if err != nil {
				return
			}
			arrived <- n
		}
	})
	upload := func(b *testing.B, host *os.File) {
		_, err := host.Write(payload)
		require.NoError(b, err)
		<-arrived
	}

	b.Run("direct", func(b *testing.B) {
		pty, err := link.OpenPTY(link.PTYOptions{Dedicated: true})
		require.NoError(b, err)
		host := openRaw(b, pty.Name())
		pool := x509.NewCertPool()
		pool.AddCert(ca.cert)
		conn, err := tls.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port), &tls.Config{
			RootCAs: pool, ServerName: broker, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{0xC02B},
		})
		require.NoError(b, err)
		go io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{pty}, make([]byte, 4096))
		b.SetBytes(size)
		for b.Loop() {
			upload(b, host)
		}
		conn.Close()
		pty.Close()
		host.Close()
	})

	b.Run("modem", func(b *testing.B) {
		air := network.Default()
		air.AttachDelay = 0
		d, err := emulator.New(emulator.Config{Dialect: dialect(b, "serial-modem"), Network: &air})
		require.NoError(b, err)
		pty, err := link.OpenPTY(link.PTYOptions{Dedicated: true})
		require.NoError(b, err)
		served := make(chan error, 1)
		go func() { served <- d.Serve(pty) }()
		require.NoError(b, d.PowerOn())
		host := openRaw(b, pty.Name())
		expect := func(sent, want string) {
			_, err := io.WriteString(host, sent)
			require.NoError(b, err)
			got := make([]byte, len(want))
			_, err = io.ReadFull(host, got)
			require.NoError(b, err)
			require.Equal(b, want, string(got))
		}
		expect("", "Ready\r\n")
		expect(`AT%CMNG=0,24,0,"`+ca.pem+"\"\r", "\r\nOK\r\n")
		expect("AT+CFUN=1\r", "\r\nOK\r\n")
		expect("AT#XSSOCKET=1,1,0,24\r", "\r\n#XSSOCKET: 0,1,258\r\n\r\nOK\r\n")
		expect(fmt.Sprintf("AT#XCONNECT=0,\"127.0.0.1\",%d\r", port), "\r\n#XCONNECT: 0,1\r\n\r\nOK\r\n")
		expect("AT#XSEND=0,2,0\r", "\r\nOK\r\n")
		b.SetBytes(size)
		for b.Loop() {
			upload(b, host)
		}
		expect("+++", "\r\n#XDATAMODE: 0\r\n")
		require.NoError(b, d.Close())
		<-served
		host.Close()
	})
}

// openRaw opens a host's end of a pty as a serial port.
func openRaw(b *testing.B, path string) *os.File {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(b, err)
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	require.NoError(b, err)
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	require.NoError(b, unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t))
	return f
}
