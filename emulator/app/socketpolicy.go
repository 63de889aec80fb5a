package app

import (
	"slices"

	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
)

// A socketFact is what modem firmware before a version lacks in its sockets.
type socketFact struct {
	since  profile.Version
	fact   string // its name
	before func(*socket.Policy)
}

// socketFacts is the table of what depends on the firmware. socket.DefaultPolicy
// is the newest.
var socketFacts = []socketFact{
	{since: profile.Version{Major: 1, Minor: 2, Patch: 1}, fact: "tls/sni-since", before: func(p *socket.Policy) {
		p.SendServerName = false
	}},
	{since: profile.Version{Major: 1, Minor: 3}, fact: "tls/options", before: func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.DTLSHandshakeTimeout)
	}},
	{since: profile.Version{Major: 1, Minor: 3, Patch: 5}, fact: "tls/options", before: func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.DTLSConnectionID, socket.DTLSConnectionIDUsed, socket.DTLSSave, socket.DTLSLoad)
	}},
	{since: profile.Version{Major: 2}, fact: "tls/options", before: func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.CipherSuiteUsed, socket.HandshakeStatus)
	}},
	{since: profile.Version{Major: 2, Patch: 1}, fact: "tls/options", before: func(p *socket.Policy) {
		p.Unsupported = append(p.Unsupported, socket.KeepOpen)
	}},
}

// gcm are the suites that came to each line of firmware with a patch of its own
// (fact tls/cipher-suites).
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
