package link

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// RemoteFlag is the flag of the command line that allows addresses which other
// machines can reach. Error sentences name it.
const RemoteFlag = "--allow-remote"

// ListenAddress completes what a person gave as an address to listen on: "4242"
// and ":4242" mean port 4242 of the loopback interface, or of all interfaces if
// remote. Anyone who reaches the port can use the modem and its credentials, so
// an address beyond the loopback interface is an error unless remote.
func ListenAddress(addr string, remote bool) (string, error) {
	if !strings.Contains(addr, ":") {
		addr = ":" + addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("%q is not an address to listen on: give HOST:PORT or PORT", addr)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%q is not a port to listen on: give a number from 0 to 65535, where 0 chooses a free port", port)
	} else {
		port = strconv.FormatUint(n, 10)
	}
	switch {
	case host == "" && !remote:
		host = "127.0.0.1"
	case host == "" || remote || host == "localhost":
	default:
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return "", fmt.Errorf("%s can be reached from other machines, and so could the modem; use 127.0.0.1, or say %s if this is wanted", host, RemoteFlag)
		}
	}
	return net.JoinHostPort(host, port), nil
}
