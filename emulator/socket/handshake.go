package socket

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// A handshake is one TLS or DTLS handshake: what goes into it, copied from the
// socket when the connect starts, and what came of it.
type handshake struct {
	policy   *Policy
	protocol Protocol
	creds    []credential
	suites   []uint16 // wanted, before what Go lacks is left out
	sessions sessionCaches
	timeout  time.Duration // DTLS
	cid      int
	fragment int
	psk      *preShared

	verifier

	asked   bool   // the server wanted a client certificate
	client  string // what is wrong with ours
	began   bool   // there is an outcome to record
	started time.Time
	ended   time.Time
	suite   uint16
	resumed bool
	fault   event.HandshakeFault // what it has failed for
}

// sessionCaches are the engine's, or zero if the socket uses none (fact
// tls/resumption).
type sessionCaches struct {
	tls  tls.ClientSessionCache
	dtls *dtlsSessions
	key  string // keeps sessions made with other credentials apart
}

// newHandshake copies what the handshake needs from the socket.
func (s *Socket) newHandshake() *handshake {
	h := &handshake{
		policy: s.e.policy, protocol: s.protocol,
		creds: s.credentials(), suites: s.opt.suites,
		timeout: s.opt.dtlsTimeout, cid: s.opt.dtlsCID, fragment: s.opt.dtlsFragment,
		verifier: verifier{policy: s.e.policy, level: s.opt.verify, host: s.opt.host, tags: slices.Clone(s.opt.tags)},
	}
	if h.suites == nil {
		h.suites = s.e.policy.CipherSuites
	}
	if s.opt.cache {
		h.sessions = s.e.sessionCaches(s.protocol)
		h.sessions.key = fmt.Sprint(s.to, h.tags)
	}
	return h
}

// prepare reads the credentials. Without a CA certificate the modem does not
// even try, whatever the level of verification (fact cmng/root-ca-required).
func (h *handshake) prepare() error {
	for _, c := range h.creds {
		if c.err != nil {
			return h.refuse(EIO, event.FaultProtocol, fmt.Sprintf("the %v in security tag %d cannot be read: %v", c.typ, c.tag, c.err))
		}
	}
	h.trusted = parseAnchors(h.creds)
	psk, pskProblem := parsePSK(h.creds)
	switch {
	case psk != nil && h.protocol == DTLS12:
		h.psk = psk
		return nil
	case len(h.anchors) > 0:
		return nil
	case psk != nil: // fact tls/psk-without-ca
		return h.refuse(EOPNOTSUPP, event.FaultSuites, tagNames(h.tags)+" holds a pre-shared key and no CA certificate; this emulator has pre-shared keys over DTLS only")
	case len(h.problems) > 0:
		return h.refuse(h.policy.Errnos.handshakeFailure(), event.FaultNoCredential, strings.Join(h.problems, "; "))
	case pskProblem != "":
		return h.refuse(h.policy.Errnos.handshakeFailure(), event.FaultNoCredential, pskProblem)
	case len(h.creds) == 0:
		return h.refuse(h.policy.Errnos.handshakeFailure(), event.FaultNoCredential, tagNames(h.tags)+" holds no credential; at least one CA certificate must be there, with peer verification off as well")
	}
	return h.refuse(h.policy.Errnos.handshakeFailure(), event.FaultNoCredential, tagNames(h.tags)+" holds no CA certificate; at least one must be there, with peer verification off as well")
}

// refuse ends the handshake before it begins.
func (h *handshake) refuse(n Errno, fault event.HandshakeFault, reason string) error {
	h.began, h.fault = true, fault
	h.started = time.Now()
	h.ended = h.started
	return &Error{Op: "connect", Errno: h.policy.Errnos.number(n), Reason: reason}
}

// noSuite is the failure when none of the wanted suites can be offered.
func (h *handshake) noSuite() error {
	return h.refuse(EOPNOTSUPP, event.FaultSuites, fmt.Sprintf("none of the socket's cipher suites (%04X) is one that this emulator has", h.suites))
}

// tls makes the handshake on a TCP connection. It leaves closing to the caller.
func (h *handshake) tls(ctx context.Context, out *outConn, timeout time.Duration) (net.Conn, error) {
	suites := TLSCipherSuites(h.suites)
	if len(suites) == 0 {
		return nil, h.noSuite()
	}
	wire := newRecordConn(out)
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, // fact tls/version
		CipherSuites:                suites,
		DynamicRecordSizingDisabled: true, // the modem sends one record for a send
		// The verdict is the verifier's, which knows what the modem accepts.
		InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			if limit := h.policy.RecordLimit; limit > 0 {
				wire.limit.Store(int64(limit + recordOverhead(cs.CipherSuite)))
			}
			return h.check(cs.PeerCertificates)
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return h.clientCertificate()
		},
	}
	if h.policy.SendServerName {
		cfg.ServerName = h.host
	}
	if h.sessions.tls != nil {
		cfg.ClientSessionCache = keyedSessions{h.sessions.tls, h.sessions.key}
	}
	conn := tls.Client(wire, cfg)

	h.begin()
	if timeout > 0 {
		wire.SetDeadline(h.started.Add(timeout))
	}
	stop := context.AfterFunc(ctx, out.abort)
	err := conn.Handshake()
	stop()
	h.ended = time.Now()
	if err != nil {
		return nil, h.explain(ctx, err, timeout)
	}
	wire.SetDeadline(time.Time{})
	cs := conn.ConnectionState()
	h.suite, h.resumed = cs.CipherSuite, cs.DidResume
	return conn, nil
}

func (h *handshake) begin() {
	h.began = true
	h.started = time.Now()
}

// clientCertificate answers the server's request for one.
func (h *handshake) clientCertificate() (*tls.Certificate, error) {
	h.asked = true
	pair, problem := clientCertificate(h.creds)
	if pair != nil {
		return pair, nil
	}
	h.client = problem
	for _, c := range h.creds {
		if c.typ == keystore.ClientCertificate || c.typ == keystore.PrivateKey {
			return nil, refusal{event.FaultClientCertificate, "the server asked for a client certificate: " + problem}
		}
	}
	return new(tls.Certificate), nil
}

// keyedSessions keeps the sessions of different tags and peers apart.
type keyedSessions struct {
	tls.ClientSessionCache
	key string
}

func (k keyedSessions) Get(key string) (*tls.ClientSessionState, bool) {
	return k.ClientSessionCache.Get(k.key + key)
}

func (k keyedSessions) Put(key string, cs *tls.ClientSessionState) {
	k.ClientSessionCache.Put(k.key+key, cs)
}

// maxSessions bounds the session caches (chosen).
const maxSessions = 8

// sessionCaches returns the engine's session caches, making what is missing.
func (e *Engine) sessionCaches(p Protocol) sessionCaches {
	if p == DTLS12 {
		if e.dtlsCache == nil {
			e.dtlsCache = newDTLSSessions(maxSessions)
		}
		return sessionCaches{dtls: e.dtlsCache}
	}
	if e.tlsSessions == nil {
		e.tlsSessions = tls.NewLRUClientSessionCache(maxSessions)
	}
	return sessionCaches{tls: e.tlsSessions}
}

// observeHandshake records the outcome.
func (s *Socket) observeHandshake(cause int, h *handshake, err error) {
	if s.e.cfg.Observe == nil {
		return
	}
	ev := &event.Handshake{
		ID: cause, Handle: s.handle, Protocol: s.protocol.String(), Peer: s.to,
		SecTags: h.tags, Verify: h.level, HostName: h.host,
		OK: err == nil, Version: strings.ToUpper(s.protocol.String()) + " 1.2",
		Suite: h.suite, Cached: h.resumed, Verified: err == nil && (h.verified || h.psk != nil),
		Reason: h.remark, Took: h.ended.Sub(h.started),
	}
	ev.Chain = s.e.described.of(h.chain)
	if err != nil {
		n, reason := describe(err)
		ev.Errno, ev.Name, ev.Fault, ev.Reason, ev.Version = int(n), n.Name(), h.fault, reason, ""
	}
	s.e.observe(event.Event{Handshake: ev})
}

// A describedChain is the certificate chain that was recorded last. A client that
// comes back sees the same one, and putting names into words costs some 3 % of a
// handshake.
type describedChain struct {
	sum   [sha256.Size]byte // of the certificates in DER
	certs []event.Certificate
}

// of describes a chain, leaf first.
func (d *describedChain) of(chain []*x509.Certificate) []event.Certificate {
	if len(chain) == 0 {
		return nil
	}
	hash := sha256.New()
	for _, c := range chain {
		hash.Write(c.Raw) // DER says where it ends
	}
	if sum := [sha256.Size]byte(hash.Sum(nil)); sum != d.sum {
		certs := make([]event.Certificate, len(chain))
		for i, c := range chain {
			certs[i] = event.DescribeCertificate(c)
		}
		*d = describedChain{sum, certs}
	}
	return d.certs
}

// explain turns the failure of a handshake into the one number that the
// application sees and the reason that it does not.
func (h *handshake) explain(ctx context.Context, err error, timeout time.Duration) error {
	h.fault = event.FaultNetwork
	if cause := context.Cause(ctx); cause != nil {
		var own *Error
		if errors.As(cause, &own) {
			return own
		}
	}
	n, reason := h.reason(err, timeout)
	return &Error{Op: "connect", Errno: h.policy.Errnos.number(n), Reason: reason, Err: err}
}
