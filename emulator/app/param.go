package app

import (
	"strconv"

	"nrf91emu/atcmd"
)

// maxURL is the longest host name or URL (serial-modem-at 1.7, documented).
const maxURL = 127

// number returns argument i, which must be a number between lo and hi.
func number(cmd *atcmd.Command, i int, lo, hi int64, what string) (int, error) {
	v, ok := cmd.Int(i, lo, hi)
	if !ok {
		return 0, atcmd.Errorf("parameter %d of %s must be %s, a number from %d to %d", i+1, cmd.Name, what, lo, hi)
	}
	return int(v), nil
}

// optional is number for an argument that may be missing at the end. One that is
// there and empty is refused (serial-modem-at 1.4, seen in source).
func optional(cmd *atcmd.Command, i int, lo, hi int64, missing int, what string) (int, error) {
	if i >= len(cmd.Args) {
		return missing, nil
	}
	return number(cmd, i, lo, hi, what)
}

// host returns argument i, a host name or an address.
func host(cmd *atcmd.Command, i int) (string, error) {
	text, ok := cmd.Quoted(i)
	if !ok || len(text) == 0 || len(text) > maxURL {
		return "", atcmd.Errorf("parameter %d of %s must be a host name or address in quotes, at most %d characters", i+1, cmd.Name, maxURL)
	}
	return string(text), nil
}

// port returns argument i, a port number other than 0.
func port(cmd *atcmd.Command, i int) (uint16, error) {
	v, err := number(cmd, i, 1, 65535, "a port")
	return uint16(v), err
}

func decimal(v int) string { return strconv.Itoa(v) }

// hexNumber is a number with 0x in front, lower case, without leading zeros.
func hexNumber(v int) string { return "0x" + strconv.FormatInt(int64(v), 16) }
