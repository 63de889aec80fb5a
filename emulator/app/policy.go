package app

import (
	"slices"
	"strings"

	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
)

// A socketFact is what modem firmware before a version lacks in its sockets.
type socketFact struct {
	since  profile.Version
	source string // of nrf91-at.md, with its mark
	before func(*socket.Policy)
}

// socketFacts is the table of what depends on the firmware. socket.DefaultPolicy
// is the newest.
var socketFacts = []socketFact{
	{profile.Version{Major: 1, Minor: 2, Patch: 1}, "9.1, seen: the server name is sent", func(p *socket.Policy) {
		p.SendServerName = false
	}},
	{profile.Version{Major: 1, Minor: 3}, "9.3, documented: DTLS handshake time-out", func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.DTLSHandshakeTimeout)
	}},
	{profile.Version{Major: 1, Minor: 3, Patch: 5}, "9.3, documented: DTLS connection id, save and load", func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.DTLSConnectionID, socket.DTLSConnectionIDUsed, socket.DTLSSave, socket.DTLSLoad)
	}},
	{profile.Version{Major: 2}, "9.3, documented: the suite and the handshake status can be read", func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.CipherSuiteUsed, socket.HandshakeStatus)
	}},
	{profile.Version{Major: 2, Patch: 1}, "9.3, documented: sockets can be kept open", func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.KeepOpen)
	}},
}

// gcm are the suites that came to each line of firmware with a patch of its own
// (9.2, documented).
var gcm = []uint16{0xC02B, 0xC030, 0xC02F}

func hasGCM(v profile.Version) bool {
	patch, ok := map[[2]int]int{{1, 1}: 5, {1, 2}: 7, {1, 3}: 1}[[2]int{v.Major, v.Minor}]
	return v.Major >= 2 || ok && v.Patch >= patch
}

// SocketPolicy returns how the sockets of a modem behave behind an application.
func SocketPolicy(p *profile.Profile, d *Dialect) *socket.Policy {
	policy := socket.DefaultPolicy()
	if d.Sockets > 0 {
		policy.MaxSockets = d.Sockets
	}
	for _, fact := range socketFacts {
		if !p.Firmware.AtLeast(fact.since) {
			fact.before(policy)
		}
	}
	if !hasGCM(p.Firmware) {
		policy.CipherSuites = slices.DeleteFunc(policy.CipherSuites, func(id uint16) bool { return slices.Contains(gcm, id) })
	}
	return policy
}

// sendCallback reports whether the firmware tells when sent data has been
// acknowledged (serial-modem-at 2.7: documented for the satellite firmware).
func sendCallback(p *profile.Profile) bool { return strings.Contains(p.Name, "-ntn-") }
