package apptest

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

const defaultModem = "nrf9151-2.0.4"

// The final results as Serial Modem and SLM lay them out.
const (
	OK      = "\r\nOK\r\n"
	Refused = "\r\nERROR\r\n"
)

// A Host talks to an application that is online.
type Host struct {
	*Device
	t *testing.T
	// Send sends bytes to the application and returns what it sends back at once.
	Send func(string) string
}

// NewHost returns a host of an application in front of an nRF9151.
func NewHost(t *testing.T, dialect string) *Host {
	return NewHostWith(t, defaultModem, dialect)
}

// NewHostWith is NewHost with another modem.
func NewHostWith(t *testing.T, profile, dialect string) *Host {
	d, send := NewWith(t, profile, dialect, nil)
	return online(t, d, send)
}

// HostOf returns the host of a device as it is, not online; send is what came with it.
func HostOf(t *testing.T, d *Device, send func(string) string) *Host { return &Host{d, t, send} }

// online returns the host of a device that it has brought online.
func online(t *testing.T, d *Device, send func(string) string) *Host {
	h := HostOf(t, d, send)
	h.Expect("AT+CFUN=1", OK)
	return h
}

// Expect sends a command and requires exactly these bytes.
func (h *Host) Expect(command, want string) {
	h.t.Helper()
	h.ExpectRaw(command+h.Dialect().Framing.Terminator.Bytes(), want)
}

// ExpectRaw is Expect for bytes that are sent as they are.
func (h *Host) ExpectRaw(sent, want string) {
	h.t.Helper()
	got := h.Send(sent)
	if len(got) < len(want) {
		got += h.Await(want[len(got):])
	}
	require.Equal(h.t, want, got, "after %q", sent)
}

// Unasked requires these bytes without anything sent.
func (h *Host) Unasked(want string) {
	h.t.Helper()
	require.Equal(h.t, want, h.Await(want))
}

// Line is one line of the application and the final OK.
func Line(format string, args ...any) string {
	return "\r\n" + fmt.Sprintf(format, args...) + "\r\n" + OK
}

// Serve listens on loopback and runs fn on each connection.
func Serve(t *testing.T, fn func(net.Conn)) uint16 {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fn(c)
			}()
		}
	}()
	return netip.MustParseAddrPort(ln.Addr().String()).Port()
}

// Peer listens and hands over its first connection.
func Peer(t *testing.T) (port uint16, conn func() net.Conn) {
	conns := make(chan net.Conn, 1)
	done := make(chan struct{})
	port = Serve(t, func(c net.Conn) {
		conns <- c
		<-done
	})
	t.Cleanup(func() { close(done) })
	return port, func() net.Conn { return <-conns }
}

// Write writes to a connection.
func Write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
}

// Read reads n bytes of a connection.
func Read(t *testing.T, c net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	_, err := io.ReadFull(c, b)
	require.NoError(t, err)
	return string(b)
}

// Provision stores a credential while the modem is offline.
func (h *Host) Provision(entries ...string) {
	h.t.Helper()
	h.Expect("AT+CFUN=4", OK)
	for _, e := range entries {
		h.Expect("AT%CMNG=0,"+e, OK)
	}
	h.Expect("AT+CFUN=1", OK)
}

// FreePort is a port that nobody listens on.
func FreePort(t *testing.T) uint16 {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return netip.MustParseAddrPort(ln.Addr().String()).Port()
}
