package control

import (
	"errors"
	"net"

	"nrf91emu/emulator/link"
)

// LibraryVariable is the environment variable in which firmware in C finds the
// library interface, see the package libmodem.
const LibraryVariable = "NRF91EMU_LIBRARY"

// ListenLibrary listens on the unix socket of the library interface that belongs to
// the path of a port, beside the control socket; where the system has no unix sockets, or none
// with such a path, on a TCP port of the loopback network. [LibraryPlace] says where.
func ListenLibrary(portPath string) (net.Listener, error) {
	path, err := SocketPath(portPath + ".library")
	if err != nil {
		return nil, err
	}
	l, err := link.ListenUnix(path)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "listen" && !errors.Is(err, link.ErrInUse) {
		if tcp, tcpErr := net.Listen("tcp4", "127.0.0.1:0"); tcpErr == nil {
			return tcp, nil
		}
	}
	return l, err
}

// LibraryPlace is what [LibraryVariable] is set to for a listener.
func LibraryPlace(l net.Listener) string {
	if addr := l.Addr(); addr.Network() == "tcp" {
		return "tcp:" + addr.String()
	}
	return l.Addr().String()
}
