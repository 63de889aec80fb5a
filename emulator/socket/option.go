package socket

import (
	"math"
	"slices"
	"time"
)

// An Option is a socket option: level and number as in Nordic's nrf_socket.h.
// Applications have numbers of their own for some of them and translate.
type Option uint32

const (
	solSocket = 1 << 16
	solSecure = 282 << 16
)

// The socket options (facts tls/options and tls/host-network; those marked "remembered" have
// no effect on the host's network).
const (
	ReuseAddress       Option = solSocket | 2  // set; remembered
	PendingError       Option = solSocket | 4  // get; reads and clears the pending errno
	ReceiveTimeout     Option = solSocket | 20 // milliseconds, 0 is no limit; receive and accept
	SendTimeout        Option = solSocket | 21 // milliseconds, 0 is no limit
	SilenceAll         Option = solSocket | 30 // 0 or 1; remembered
	IPEchoReply        Option = solSocket | 31 // 0 or 1; remembered
	IPv6EchoReply      Option = solSocket | 32 // 0 or 1; remembered
	KeepOpen           Option = solSocket | 34 // 0 or 1; outlive loss of the network
	BindToPDN          Option = solSocket | 40 // set; PDN id; remembered
	ServerIdleTimeout  Option = solSocket | 55 // minutes, 0 to 135; remembered
	ReleaseAssistance  Option = solSocket | 61 // set; 1 to 5; remembered
	IPv6DelayedRefresh Option = solSocket | 62 // 0 or 1; remembered

	Role                 Option = solSecure | 6  // set; 0 client, 1 server
	CipherSuiteUsed      Option = solSecure | 4  // get; IANA number, after the handshake
	PeerVerify           Option = solSecure | 5  // 0 none, 1 optional, 2 required
	SessionCache         Option = solSecure | 12 // 0 off, 1 on
	SessionCachePurge    Option = solSecure | 13 // set; any value
	DTLSHandshakeTimeout Option = solSecure | 14 // 0, 1, 3, 7, 15, 31, 63 or 123 s
	DTLSConnectionID     Option = solSecure | 15 // 0 off, 1 supported, 2 enabled
	DTLSConnectionIDUsed Option = solSecure | 16 // get; 0 none, 1 downlink, 2 uplink, 3 both
	DTLSSave             Option = solSecure | 17 // set; any value (facts tls/dtls-save and tls/dtls-save-memory)
	DTLSLoad             Option = solSecure | 18 // set; any value
	HandshakeStatus      Option = solSecure | 19 // get; 0 full, 1 from the session cache
	DTLSFragment         Option = solSecure | 20 // 0 off, 1 512 bytes, 2 1,024 bytes
)

// Level returns the level (1 socket, 282 security), Number the number in it.
func (o Option) Level() int  { return int(o >> 16) }
func (o Option) Number() int { return int(o & 0xffff) }

// Levels of peer verification (facts tls/options, tls/verify-default). A CA
// certificate must be there on each of them.
const (
	PeerVerifyNone     = 0
	PeerVerifyOptional = 1 // checked and recorded, the handshake goes on all the same (fact tls/verify-optional)
	PeerVerifyRequired = 2
)

// limits of options with a plain range of values; remembered ones and others.
var optionRange = map[Option]struct{ min, max int }{
	ReuseAddress: {0, 1 << 30}, ReceiveTimeout: {0, maxTimeout}, SendTimeout: {0, maxTimeout},
	SilenceAll: {0, 1}, IPEchoReply: {0, 1}, IPv6EchoReply: {0, 1}, KeepOpen: {0, 1},
	BindToPDN: {0, 1 << 30}, ServerIdleTimeout: {0, 135}, ReleaseAssistance: {1, 5},
	IPv6DelayedRefresh: {0, 1},
	Role:               {0, 1}, PeerVerify: {0, 2}, SessionCache: {0, 1}, DTLSConnectionID: {0, 2},
	DTLSFragment: {0, 2}, DTLSHandshakeTimeout: {0, 123},
}

// maxTimeout is the longest time in milliseconds (chosen), or what an int holds.
const maxTimeout = min(1<<40, math.MaxInt)

// setOnly options cannot be read, getOnly ones not be set (fact tls/options).
var (
	setOnly = []Option{ReuseAddress, BindToPDN, ReleaseAssistance, Role, SessionCachePurge, DTLSSave, DTLSLoad}
	getOnly = []Option{PendingError, CipherSuiteUsed, DTLSConnectionIDUsed, HandshakeStatus}

	dtlsTimeouts = []int{0, 1, 3, 7, 15, 31, 63, 123}
)

// options are a socket's settings; the zero value of each is the default unless
// Open sets another.
type options struct {
	receive, send time.Duration
	keepOpen      bool
	remembered    map[Option]int

	tags         []uint32
	host         string
	suites       []uint16 // nil: all of the policy
	verify       int
	cache        bool
	dtlsTimeout  time.Duration
	dtlsCID      int
	dtlsFragment int
}

// SetOption sets an option that has an integer value.
func (s *Socket) SetOption(o Option, value int) error {
	s.e.mu.Lock()
	defer s.e.unlock()
	if err := s.checkOption(o); err != nil {
		return err
	}
	if slices.Contains(getOnly, o) {
		return s.errorf("setsockopt", ENOPROTOOPT, "the option can only be read")
	}
	if r, ok := optionRange[o]; ok && (value < r.min || value > r.max) {
		return s.errorf("setsockopt", EINVAL, "the value %d is not between %d and %d", value, r.min, r.max)
	}
	switch o {
	case ReceiveTimeout:
		s.opt.receive = time.Duration(value) * time.Millisecond
	case SendTimeout:
		s.opt.send = time.Duration(value) * time.Millisecond
	case KeepOpen:
		s.opt.keepOpen = value != 0
	case SessionCachePurge:
		s.e.purgeSessions()
	case DTLSSave:
		return s.saveDTLS()
	case DTLSLoad:
		return s.loadDTLS()
	case ReleaseAssistance:
		const noData = 1
		if value == noData && s.state != stateConnected {
			return s.errorf("setsockopt", EDESTADDRREQ, "release assistance 1 (no more data) needs a connected socket")
		}
		s.remember(o, value)
	case Role, PeerVerify, SessionCache, DTLSHandshakeTimeout, DTLSConnectionID, DTLSFragment:
		return s.setBeforeConnect(o, value)
	default:
		s.remember(o, value)
	}
	return nil
}

// setBeforeConnect sets the options that shape the handshake.
func (s *Socket) setBeforeConnect(o Option, value int) error {
	if err := s.notConnected(); err != nil {
		return err
	}
	switch o {
	case PeerVerify:
		s.opt.verify = value
	case SessionCache:
		s.opt.cache = value != 0
	case DTLSHandshakeTimeout:
		if !slices.Contains(dtlsTimeouts, value) {
			return s.errorf("setsockopt", EINVAL, "the handshake timeout must be 0, 1, 3, 7, 15, 31, 63 or 123 s, not %d", value)
		}
		s.opt.dtlsTimeout = time.Duration(value) * time.Second
	case DTLSConnectionID:
		s.opt.dtlsCID = value
	case DTLSFragment:
		s.opt.dtlsFragment = value
	default:
		s.remember(o, value)
	}
	return nil
}

// remember keeps the value of an option that the host's network has no use for.
func (s *Socket) remember(o Option, value int) {
	if s.opt.remembered == nil {
		s.opt.remembered = make(map[Option]int)
	}
	s.opt.remembered[o] = value
}

// Option reads an option that has an integer value.
func (s *Socket) Option(o Option) (int, error) {
	s.e.mu.Lock()
	defer s.e.unlock()
	if err := s.checkOption(o); err != nil {
		return 0, err
	}
	if slices.Contains(setOnly, o) {
		return 0, s.errorf("getsockopt", ENOPROTOOPT, "the option can only be set")
	}
	switch o {
	case PendingError:
		n := s.pending
		s.pending = 0
		return int(n), nil
	case ReceiveTimeout:
		return int(s.opt.receive / time.Millisecond), nil
	case SendTimeout:
		return int(s.opt.send / time.Millisecond), nil
	case KeepOpen:
		return number(s.opt.keepOpen), nil
	case PeerVerify:
		return s.opt.verify, nil
	case SessionCache:
		return number(s.opt.cache), nil
	case CipherSuiteUsed:
		if s.suite == 0 {
			return 0, s.errorf("getsockopt", ENOTCONN, "the cipher suite is known only after the handshake")
		}
		return int(s.suite), nil
	case HandshakeStatus:
		return number(s.cached), nil
	case DTLSHandshakeTimeout:
		return int(s.opt.dtlsTimeout / time.Second), nil
	case DTLSConnectionID:
		return s.opt.dtlsCID, nil
	case DTLSConnectionIDUsed:
		return s.connectionIDUsed(), nil
	case DTLSFragment:
		return s.opt.dtlsFragment, nil
	}
	if v, ok := s.opt.remembered[o]; ok {
		return v, nil
	}
	// Echo replies are on by default (fact tls/options), the others off.
	return number(o == IPEchoReply || o == IPv6EchoReply), nil
}

// checkOption reports why the option cannot be used on this socket at all.
func (s *Socket) checkOption(o Option) error {
	_, ranged := optionRange[o]
	switch {
	case s.closed:
		return s.errorf("sockopt", EBADF, "the socket is closed")
	case !ranged && !slices.Contains(setOnly, o) && !slices.Contains(getOnly, o),
		slices.Contains(s.e.policy.Unsupported, o):
		return s.errorf("sockopt", ENOPROTOOPT, "this modem firmware has no option %d of level %d", o.Number(), o.Level())
	case o.Level() == solSecure>>16 && !s.secure():
		return s.errorf("sockopt", EOPNOTSUPP, "the option needs a TLS or DTLS socket")
	case s.protocol != DTLS12 && slices.Contains([]Option{DTLSHandshakeTimeout, DTLSConnectionID,
		DTLSConnectionIDUsed, DTLSSave, DTLSLoad, DTLSFragment}, o):
		return s.errorf("sockopt", EOPNOTSUPP, "the option needs a DTLS socket")
	}
	return nil
}

// SetSecTags sets the security tags whose credentials the handshake may use. It
// does not look whether they hold any.
func (s *Socket) SetSecTags(tags []uint32) error {
	return s.setSecure(func() error {
		if max := s.e.policy.MaxSecTags; max > 0 && len(tags) > max {
			return s.errorf("setsockopt", EINVAL, "%d security tags; a socket takes %d", len(tags), max)
		}
		s.opt.tags = slices.Clone(tags)
		return nil
	})
}

// SetHostName sets the name that the server's certificate must bear and that is
// sent as SNI; "" turns both off.
func (s *Socket) SetHostName(name string) error {
	return s.setSecure(func() error {
		s.opt.host = name
		return nil
	})
}

// HostName returns the name set by SetHostName.
func (s *Socket) HostName() string {
	s.e.mu.Lock()
	defer s.e.unlock()
	return s.opt.host
}

// SetCipherSuites sets the cipher suites to offer, by IANA number; nil offers
// all that the modem has.
func (s *Socket) SetCipherSuites(suites []uint16) error {
	return s.setSecure(func() error {
		for _, id := range suites {
			if id != emptyRenegotiationInfo && !slices.Contains(s.e.policy.CipherSuites, id) {
				return s.errorf("setsockopt", EINVAL, "the modem has no cipher suite 0x%04X", id)
			}
		}
		s.opt.suites = slices.Clone(suites)
		return nil
	})
}

func (s *Socket) setSecure(set func() error) error {
	s.e.mu.Lock()
	defer s.e.unlock()
	if !s.secure() {
		return s.errorf("setsockopt", EOPNOTSUPP, "the option needs a TLS or DTLS socket")
	}
	if err := s.notConnected(); err != nil {
		return err
	}
	return set()
}

// notConnected refuses what must be set before connect (fact tls/option-after-connect).
func (s *Socket) notConnected() error {
	switch {
	case s.closed:
		return s.errorf("setsockopt", EBADF, "the socket is closed")
	case s.state == stateConnecting || s.state == stateConnected:
		return s.errorf("setsockopt", EISCONN, "the option must be set before connect")
	}
	return nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
