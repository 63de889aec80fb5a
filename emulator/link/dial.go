package link

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"go.bug.st/serial"
)

// Schemes of ports that are reached over the network, as in "tcp:127.0.0.1:4242".
const (
	SchemeTCP     = "tcp"
	SchemeRFC2217 = "rfc2217"
)

// NetworkPort takes the name of a port apart that is reached over the network, as
// [Server.Name] has it: the scheme, and HOST:PORT. The forms of pyserial are understood
// too: socket://HOST:PORT and rfc2217://HOST:PORT. ok is false for any other name, which
// is that of a serial port.
func NetworkPort(name string) (scheme, addr string, ok bool) {
	scheme, addr, ok = strings.Cut(name, ":")
	if !ok {
		return "", "", false
	}
	rest, url := strings.CutPrefix(addr, "//")
	if url {
		addr, _, _ = strings.Cut(rest, "?") // options of pyserial
		addr = strings.TrimSuffix(addr, "/")
	}
	switch {
	case scheme == "socket" && url:
		scheme = SchemeTCP
	case scheme != SchemeTCP && scheme != SchemeRFC2217:
		return "", "", false
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", "", false
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	return scheme, net.JoinHostPort(host, port), true
}

// dialTimeout bounds the opening of a connection.
const dialTimeout = 5 * time.Second

// Dial opens the host's end of a modem's port by the name that [Port.Name] returns, and
// nrf91emu run prints: the path of a pty or of a serial port, tcp:HOST:PORT or
// rfc2217:HOST:PORT. Baud is the speed of a line, in bits per second. Close ends a
// pending Read.
func Dial(name string, baud int) (io.ReadWriteCloser, error) {
	scheme, addr, ok := NetworkPort(name)
	if !ok {
		if s, _, colon := strings.Cut(name, ":"); colon && (s == SchemeTCP || s == SchemeRFC2217 || s == "socket") {
			return nil, fmt.Errorf("the port %s cannot be opened: write %s:HOST:PORT", name, s)
		}
		port, err := serial.Open(name, &serial.Mode{BaudRate: baud})
		if err != nil {
			return nil, fmt.Errorf("the port %s cannot be opened: %w", name, err)
		}
		return port, nil
	}
	conn, err := net.DialTimeout("tcp", addr, dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("the port %s cannot be opened: %w", name, err)
	}
	if scheme == SchemeTCP {
		return conn, nil
	}
	c, err := newComClient(conn, baud)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("the port %s cannot be opened: %w", name, err)
	}
	return c, nil
}
