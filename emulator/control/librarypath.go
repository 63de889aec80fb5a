package control

import (
	"net"

	"nrf91emu/emulator/link"
)

// LibraryVariable is the environment variable in which firmware in C finds the
// library interface, see the package libmodem.
const LibraryVariable = "NRF91EMU_LIBRARY"

// ListenLibrary listens on the unix socket of the library interface that belongs to
// the path of a port, beside the control socket. The address of the listener is
// what [LibraryVariable] is set to.
func ListenLibrary(portPath string) (net.Listener, error) {
	path, err := SocketPath(portPath + ".library")
	if err != nil {
		return nil, err
	}
	return link.ListenUnix(path)
}
