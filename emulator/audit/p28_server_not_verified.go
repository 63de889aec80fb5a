package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p28 = &Rule{
	ID: "P28", Name: "server-not-verified",
	Level: Error, Topic: TLS,
	Title:  "The server is not verified",
	Sees:   "a TLS or DTLS connection with certificates and peer verification below 2, or with no host name to check",
	Why:    "Without verification anybody on the way can pose as the server; without a host name any certificate of the same CA will do. The modem's own defaults are verification 1 and no host name.",
	Source: "nrf_socket.h and the options page of Nordic's modem library; they disagree about the default of verification (documented)",
	Fix:    "Set peer verification to 2 (required) and the host name to that of the server.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=24 verify=1 host=`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example`,
	watch: func(a *Audit, found foundFunc) hooks {
		judged := 0 // handle of the last handshake, whose connect may still be reported
		judge := func(id, verify int, host, peer string) {
			if verify >= 2 && host != "" {
				return
			}
			found(sighting{subject: peer, id: id, what: func() string {
				switch {
				case verify >= 2:
					return fmt.Sprintf("The connection to %s had no host name to check.", peer)
				case host != "":
					return fmt.Sprintf("The connection to %s had peer verification %d.", peer, verify)
				}
				return fmt.Sprintf("The connection to %s had peer verification %d and no host name to check.", peer, verify)
			}})
		}
		return hooks{
			handshake: func(h *event.Handshake) {
				judged = h.Handle
				if !pskSuite(h.Suite) && !a.mem.pskOnly(h.SecTags) {
					judge(h.ID, h.Verify, h.HostName, h.Peer)
				}
			},
			socket: func(s *event.Socket) {
				if s.Op != event.SocketConnect {
					return
				}
				done := judged == s.Handle
				judged = 0
				if done || (s.Protocol != "tls" && s.Protocol != "dtls") || s.Verify == nil || a.mem.pskOnly(s.SecTags) {
					return
				}
				judge(s.ID, *s.Verify, s.HostName, s.Peer)
			},
		}
	},
}

// pskSuite reports whether a cipher suite of the modem authenticates by a PSK;
// IANA numbers from nrf_socket.h.
func pskSuite(n uint16) bool {
	return n == 0x008C || n == 0x008D || n == 0x00AE || n == 0xC0A8
}

// pskOnly reports whether the tags are known to hold a PSK and no CA: then there
// is no certificate to verify.
func (m *memory) pskOnly(tags []uint32) bool {
	psk := false
	for _, n := range tags {
		for _, cred := range m.siblings(n) {
			if !cred.holds() {
				continue
			}
			if cred.key.Type == event.RootCA {
				return false
			}
			psk = psk || cred.key.Type == event.PSK
		}
	}
	return psk
}
