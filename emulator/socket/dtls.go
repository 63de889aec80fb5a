package socket

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/logging"

	"nrf91emu/emulator/event"
)

// A dtlsLink is a DTLS session and the datagrams that it runs on.
type dtlsLink struct {
	conn *dtls.Conn
	wire *datagrams
}

// silent keeps pion/dtls from writing to standard error.
var silent = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}

// cidBytes is the length of the connection id that the modem asks for (chosen).
const cidBytes = 8

// fragments are the record sizes of the DTLSFragment option (facts
// tls/dtls-fragments and tls/dtls-fragment-extension).
var fragments = [...]int{0, 512, 1024}

// dtls makes the handshake over a UDP socket, which it leaves open.
func (h *handshake) dtls(ctx context.Context, packet net.PacketConn, peer netip.AddrPort) (*dtlsLink, error) {
	var ids []dtls.CipherSuiteID
	for _, id := range DTLSCipherSuites(h.suites, h.psk != nil) {
		ids = append(ids, dtls.CipherSuiteID(id))
	}
	if len(ids) == 0 {
		return nil, h.noSuite()
	}
	var resumed *resumption
	opts := []dtls.ClientOption{
		dtls.WithLoggerFactory(silent),
		dtls.WithCipherSuites(ids...),
		dtls.WithInsecureSkipVerify(true), // the verdict is the verifier's
	}
	if h.psk != nil {
		opts = append(opts, dtls.WithPSKIdentityHint(h.psk.identity),
			dtls.WithPSK(func([]byte) ([]byte, error) { return h.psk.key, nil }))
	} else {
		opts = append(opts,
			dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error { return h.checkRaw(raw) }),
			dtls.WithGetClientCertificate(func(*dtls.CertificateRequestInfo) (*tls.Certificate, error) { return h.clientCertificate() }))
	}
	if h.policy.SendServerName && h.host != "" {
		opts = append(opts, dtls.WithServerName(h.host))
	}
	if h.sessions.dtls != nil {
		resumed = &resumption{dtlsSessions: h.sessions.dtls, key: h.sessions.key}
		opts = append(opts, dtls.WithSessionStore(resumed))
	}
	switch h.cid {
	case 1:
		opts = append(opts, dtls.WithConnectionIDGenerator(dtls.OnlySendCIDGenerator()))
	case 2:
		opts = append(opts, dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(cidBytes)))
	}
	if size := fragments[h.fragment]; size > 0 {
		opts = append(opts, dtls.WithMTU(size))
	}

	h.begin()
	wire := &datagrams{PacketConn: packet, peer: peer}
	conn, err := dtls.ClientWithOptions(wire, net.UDPAddrFromAddrPort(peer), opts...)
	if err == nil {
		limited := ctx
		if h.timeout > 0 {
			var cancel context.CancelFunc
			limited, cancel = context.WithTimeout(ctx, h.timeout)
			defer cancel()
		}
		if err = conn.HandshakeContext(limited); err != nil {
			conn.Close()
		}
	}
	h.ended = time.Now()
	if err != nil {
		return nil, h.explain(ctx, err, h.timeout)
	}
	if state, ok := conn.ConnectionState(); ok {
		h.suite = uint16(state.CipherSuiteID)
		h.resumed = resumed != nil && len(state.SessionID) > 0 && string(resumed.offered) == string(state.SessionID)
	}
	return &dtlsLink{conn, wire}, nil
}

// checkRaw is check for certificates in DER.
func (h *handshake) checkRaw(raw [][]byte) error {
	var chain []*x509.Certificate
	for _, der := range raw {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return refusal{event.FaultServerCertificate, fmt.Sprintf("a certificate of the server cannot be read: %v", err)}
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return refusal{event.FaultServerCertificate, "the server sent no certificate"}
	}
	return h.check(chain)
}

// datagrams is a UDP socket as one DTLS session sees it: only its peer's
// datagrams, and closing it does not close the socket. It notes in which
// direction records carry a connection id.
type datagrams struct {
	net.PacketConn
	peer     netip.AddrPort
	up, down atomic.Bool
}

func (d *datagrams) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := d.PacketConn.ReadFrom(b)
		if err == nil && addrPort(from).IsValid() && addrPort(from) != d.peer {
			continue
		}
		if err == nil && !d.down.Load() && hasConnectionID(b[:n]) {
			d.down.Store(true)
		}
		return n, from, err
	}
}

func (d *datagrams) WriteTo(b []byte, to net.Addr) (int, error) {
	if !d.up.Load() && hasConnectionID(b) {
		d.up.Store(true)
	}
	return d.PacketConn.WriteTo(b, to)
}

func (d *datagrams) Close() error { return nil }

// hasConnectionID looks for a record of type tls12_cid (RFC 9146) in a datagram.
func hasConnectionID(b []byte) bool {
	const header, withID = 13, 25
	for len(b) >= header {
		if b[0] == withID {
			return true
		}
		b = b[min(header+int(binary.BigEndian.Uint16(b[11:])), len(b)):]
	}
	return false
}

// connectionIDUsed is the value of DTLSConnectionIDUsed.
func (s *Socket) connectionIDUsed() int {
	if s.dtls == nil {
		return 0
	}
	return number(s.dtls.wire.down.Load()) | number(s.dtls.wire.up.Load())<<1
}

// maxSaved is how many DTLS sessions the modem keeps saved (fact tls/dtls-save).
const maxSaved = 4

// saveDTLS and loadDTLS suspend a session and take it up again, with the errors
// that Nordic's header documents.
func (s *Socket) saveDTLS() error {
	switch {
	case s.usable("setsockopt") != nil:
		return s.usable("setsockopt")
	case s.dtls == nil:
		return s.errorf("setsockopt", EINVAL, "there is no finished DTLS handshake to save")
	case !isAEAD(s.suite):
		return s.errorf("setsockopt", EINVAL, "cipher suite 0x%04X is not AES-CCM or AES-GCM, so the session cannot be saved", s.suite)
	case s.saved:
		return nil
	case len(s.sends) > 0:
		return s.errorf("setsockopt", EAGAIN, "the socket is sending")
	case s.e.saved >= maxSaved:
		return s.errorf("setsockopt", ENOMEM, "%d sessions are saved already", maxSaved)
	}
	s.saved = true
	s.e.saved++
	s.changed()
	return nil
}

func (s *Socket) loadDTLS() error {
	switch {
	case s.usable("setsockopt") != nil:
		return s.usable("setsockopt")
	case s.dtls == nil:
		return s.errorf("setsockopt", EINVAL, "there is no DTLS session on the socket")
	case !s.saved:
		return s.errorf("setsockopt", EAGAIN, "the DTLS session is not saved")
	}
	s.saved = false
	s.e.saved--
	s.serveReceives()
	s.changed()
	return nil
}

// dtlsSessions is a small store of sessions for resumption.
type dtlsSessions struct {
	mu    sync.Mutex
	max   int
	order []string
	byKey map[string]dtls.Session
}

func newDTLSSessions(max int) *dtlsSessions {
	return &dtlsSessions{max: max, byKey: make(map[string]dtls.Session)}
}

// resumption is the store as one handshake sees it.
type resumption struct {
	*dtlsSessions
	key     string
	offered []byte // identifier of the session that the ClientHello offered
}

func (r *resumption) Set(key []byte, session dtls.Session) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := r.key + string(key)
	if _, ok := r.byKey[name]; !ok {
		r.order = append(r.order, name)
	}
	r.byKey[name] = session
	for len(r.byKey) > r.max {
		delete(r.byKey, r.order[0])
		r.order = r.order[1:]
	}
	return nil
}

func (r *resumption) Get(key []byte) (dtls.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	session := r.byKey[r.key+string(key)]
	r.offered = session.ID
	return session, nil
}

func (r *resumption) Del(key []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := r.key + string(key)
	delete(r.byKey, name)
	r.order = slices.DeleteFunc(r.order, func(n string) bool { return n == name })
	return nil
}
