package socket

import (
	"slices"
	"time"
)

// A Policy holds the facts that depend on the modem's firmware and on the SDK of
// its application. It is not changed by the engine and may be shared.
type Policy struct {
	MaxSockets int // sockets open at once; 8, or 7 under older applications (facts tls/limits, sockets/limit)
	MaxSecTags int // security tags per socket; 7 (fact tls/limits)

	// CipherSuites are the suites that the modem offers, by IANA number, see
	// [ModemCipherSuites]. What crypto/tls or pion/dtls lack is left out.
	CipherSuites []uint16

	ChainLimit  int // bytes of the server's certificate chain, DER; 4,096 (fact tls/limits); 0 is no limit
	RecordLimit int // bytes of a received application data record; 2,303 (fact tls/record-limit); 0 is no limit
	MaxMessage  int // bytes of one TLS or DTLS message sent; 2,048 (fact tls/limits); 0 is no limit

	// AcceptCommonName lets the host name match the subject's common name when the
	// certificate has no subject alternative name (fact tls/common-name).
	AcceptCommonName bool
	// AcceptExpired takes certificates outside their validity (chosen: no source
	// says whether the modem looks at dates).
	AcceptExpired bool
	// OneHandshake refuses a TLS or DTLS handshake with EBUSY while another one
	// runs (fact tls/limits).
	OneHandshake bool
	// SendServerName sends the host name option as SNI (fact tls/sni-since).
	SendServerName bool

	PeerVerify   int  // level of a new socket, 0 to 2; the header says 1, the options page 2
	SessionCache bool // on in a new socket; newest header says off, older ones on

	// DTLSHandshakeTimeout of a new socket; 0 is no limit. Older headers say 123 s,
	// the newest none.
	DTLSHandshakeTimeout time.Duration
	// ConnectTimeout limits a TCP connect, HandshakeTimeout a TLS handshake
	// (fact tls/time-outs). 0 is no limit.
	ConnectTimeout, HandshakeTimeout time.Duration

	Errnos Generation
	// Unsupported are options that this firmware does not know (ENOPROTOOPT).
	Unsupported []Option
}

// DefaultPolicy returns the facts of the newest modem firmware and SDK.
func DefaultPolicy() *Policy {
	return &Policy{
		MaxSockets:       8,
		MaxSecTags:       7,
		CipherSuites:     ModemCipherSuites(),
		ChainLimit:       4096,
		RecordLimit:      2303,
		MaxMessage:       2048,
		AcceptCommonName: true,
		AcceptExpired:    true,
		OneHandshake:     true,
		SendServerName:   true,
		PeerVerify:       PeerVerifyOptional,
		ConnectTimeout:   60 * time.Second,
		HandshakeTimeout: 60 * time.Second,
		// Chosen of the two, so that no command hangs for ever.
		DTLSHandshakeTimeout: 123 * time.Second,
	}
}

// ModemCipherSuites returns the suites of modem firmware 1.3.1 and newer, in the
// order of Nordic's header (fact tls/cipher-suites). Firmware before 1.2.7 lacks
// the GCM suites 0xC02B, 0xC030 and 0xC02F.
func ModemCipherSuites() []uint16 {
	return []uint16{
		0xC024, 0xC00A, 0xC023, 0xC009, 0xC014, 0xC027, 0xC013,
		0x008D, 0x00AE, 0x008C, 0xC0A8,
		0xC02B, 0xC030, 0xC02F,
	}
}

// emptyRenegotiationInfo may stand in a cipher suite list (fact tls/options); both TLS
// libraries send the equivalent extension of their own accord.
const emptyRenegotiationInfo = 0x00FF

// TLSCipherSuites returns those of suites that this engine can offer over TLS (facts
// tls/missing-suites and tls/suite-order).
func TLSCipherSuites(suites []uint16) []uint16 {
	return intersect(suites, []uint16{
		0xC00A, 0xC023, 0xC009, 0xC014, 0xC027, 0xC013, 0xC02B, 0xC030, 0xC02F,
	})
}

// DTLSCipherSuites returns those of suites that this engine can offer over DTLS,
// with certificates or with a pre-shared key (facts tls/dtls-suites and
// tls/dtls-psk-only).
func DTLSCipherSuites(suites []uint16, psk bool) []uint16 {
	if psk {
		return intersect(suites, []uint16{0x00AE, 0xC0A8})
	}
	return intersect(suites, []uint16{0xC00A, 0xC014, 0xC02B, 0xC030, 0xC02F})
}

func intersect(wanted, have []uint16) []uint16 {
	var out []uint16
	for _, id := range wanted {
		if slices.Contains(have, id) {
			out = append(out, id)
		}
	}
	return out
}

// isAEAD reports whether a suite of the modem is AES-CCM or AES-GCM.
func isAEAD(id uint16) bool {
	return slices.Contains([]uint16{0xC0A8, 0xC02B, 0xC030, 0xC02F}, id)
}
