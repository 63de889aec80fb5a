package app

import (
	"net/netip"

	"nrf91emu/atcmd"
)

// MaxURL is the longest host name or URL (fact serial-modem/url-limit).
const MaxURL = 127

// HostArg reads a host name or an address.
func HostArg(args *atcmd.ArgReader) string {
	text := args.Text(MaxURL, "a host name or address")
	if args.Err() == nil && len(text) == 0 {
		args.Fail("the host name or address is empty")
	}
	return string(text)
}

// PortArg reads a port number other than 0.
func PortArg(args *atcmd.ArgReader) uint16 { return uint16(args.Int(1, 65535, "a port")) }

// AddressText is an address as applications print it: IPv6 without brackets.
func AddressText(a netip.Addr) string { return a.Unmap().WithZone("").String() }

// Digit is a switch as applications print it: 0 or 1.
func Digit(on bool) int {
	if on {
		return 1
	}
	return 0
}
