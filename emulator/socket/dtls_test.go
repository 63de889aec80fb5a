package socket_test

import (
	"context"
	"crypto/elliptic"
	"crypto/tls"
	"net"
	"sync"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// serveDTLS is an echo over DTLS.
func serveDTLS(t testing.TB, opts ...dtls.ServerOption) uint16 {
	t.Helper()
	ln, err := dtls.ListenWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, opts...)
	require.NoError(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				buf := make([]byte, 8192)
				for {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					c.Write(buf[:n])
				}
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return uint16(ln.Addr().(*net.UDPAddr).Port)
}

func psk(identity string, key ...byte) []dtls.ServerOption {
	return []dtls.ServerOption{
		dtls.WithPSK(func(id []byte) ([]byte, error) {
			if string(id) != identity {
				return []byte("no such identity"), nil
			}
			return key, nil
		}),
		dtls.WithPSKIdentityHint([]byte("hint")),
		dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CCM_8, dtls.TLS_PSK_WITH_AES_128_CBC_SHA256),
	}
}

func pskStore(identity, key string) store {
	return tag24(nil, nil, nil, []byte(key), []byte(identity))
}

func TestDTLS(t *testing.T) {
	ca, other := newCA(t, "Test CA"), newCA(t, "Other CA")
	good := issue(t, ca, p256(t), forHosts(broker))
	rsa := issue(t, ca, rsaKey(t, "rsa2048.pem"), forHosts(broker))
	client := issue(t, ca, p256(t), commonName("device-1"))
	with := func(id *identity, opts ...dtls.ServerOption) []dtls.ServerOption {
		return append([]dtls.ServerOption{dtls.WithCertificates([]tls.Certificate{id.pair()}...)}, opts...)
	}
	wantClient := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAndVerifyClientCert), dtls.WithClientCAs(ca.pool())}
	older := socket.DefaultPolicy()
	older.Errnos = socket.GenerationOlder
	tests := []struct {
		name   string
		server []dtls.ServerOption
		store  store
		verify int // 2 unless set; -1 is 0
		host   string
		suites []uint16
		policy *socket.Policy

		suite  uint16 // 0: any
		errno  socket.Errno
		reason string
	}{
		{name: "certificate", server: with(good), store: tag24(ca.pem()), host: broker},
		{name: "GCM suite", server: with(good), store: tag24(ca.pem()), suites: []uint16{0xC02B}, suite: 0xC02B},
		{name: "RSA certificate", server: with(rsa), store: tag24(ca.pem()), host: broker},
		{name: "P-384 certificate", server: with(issue(t, ca, ec(t, elliptic.P384()), forHosts(broker))), store: tag24(ca.pem())},
		{name: "CBC suite", server: with(good), store: tag24(ca.pem()), suites: []uint16{0xC00A}, suite: 0xC00A},
		{name: "wrong CA", server: with(good), store: tag24(other.pem()), errno: socket.ECONNREFUSED, reason: "signed by an unknown CA: CN=Test CA"},
		{name: "wrong CA, older SDK", server: with(good), store: tag24(other.pem()), policy: older, errno: socket.EOPNOTSUPP, reason: "unknown CA"},
		{name: "wrong CA, verification optional", server: with(good), store: tag24(other.pem()), verify: 1, reason: "accepted although verification failed"},
		{name: "wrong CA, verification off", server: with(good), store: tag24(other.pem()), verify: -1, reason: "not checked"},
		{name: "wrong host", server: with(good), store: tag24(ca.pem()), host: "other.test", errno: socket.ECONNREFUSED, reason: "host name is other.test"},
		{name: "client certificate given", server: with(good, wantClient...), store: tag24(ca.pem(), client.pem(), client.keyPEM())},
		{name: "client certificate missing", server: with(good, wantClient...), store: tag24(ca.pem()), errno: socket.ECONNREFUSED,
			reason: "it asked for a client certificate, and the security tags hold no client certificate"},
		{name: "client key of another certificate", server: with(good, wantClient...), store: tag24(ca.pem(), client.pem(), good.keyPEM()),
			errno: socket.ECONNREFUSED, reason: "does not belong to the client certificate"},
		{name: "no common suite", server: with(good, dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM)), store: tag24(ca.pem()),
			errno: socket.ECONNREFUSED, reason: "no cipher suite"},
		{name: "suites that pion lacks", server: with(good), store: tag24(ca.pem()), suites: []uint16{0xC024, 0xC009}, errno: socket.EOPNOTSUPP, reason: "[C024 C009]"},
		{name: "empty tag", server: with(good), store: store{}, errno: socket.ECONNREFUSED, reason: "holds no credential"},

		{name: "PSK", server: psk("me", 10, 11), store: pskStore("me", "0a0B"), suite: 0x00AE},
		{name: "PSK, CCM", server: psk("me", 10, 11), store: pskStore("me", "0a0B\n"), suites: []uint16{0xC0A8}, suite: 0xC0A8},
		{name: "PSK, wrong key", server: psk("me", 10, 11), store: pskStore("me", "0a0c"), errno: socket.ETIMEDOUT, reason: "did not end within 1s"},
		{name: "PSK not hexadecimal", server: psk("me", 10, 11), store: pskStore("me", "secret"), errno: socket.ECONNREFUSED, reason: "not hexadecimal"},
		{name: "PSK without identity", server: psk("me", 10, 11), store: tag24(nil, nil, nil, []byte("0a0b")), errno: socket.ECONNREFUSED, reason: "no identity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // one of them waits for a second
			e, rec := start(t, socket.Config{Credentials: tt.store, Policy: tt.policy})
			s := open(t, e, socket.DTLS12)
			level := map[int]int{0: 2, 1: 1, -1: 0}[tt.verify]
			require.NoError(t, s.SetOption(socket.PeerVerify, level))
			require.NoError(t, s.SetOption(socket.DTLSHandshakeTimeout, map[bool]int{true: 1, false: 123}[tt.errno == socket.ETIMEDOUT]))
			require.NoError(t, s.SetHostName(tt.host))
			require.NoError(t, s.SetCipherSuites(tt.suites))
			err := s.Connect(broker, serveDTLS(t, tt.server...))
			h := rec.handshake(t)
			if tt.errno != 0 {
				requireErrno(t, err, tt.errno, tt.reason)
				require.False(t, h.OK)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "DTLS 1.2", h.Version)
			require.Equal(t, level == 2, h.Verified)
			require.Contains(t, h.Reason, tt.reason)
			used, err := s.Option(socket.CipherSuiteUsed)
			require.NoError(t, err)
			require.Equal(t, int(h.Suite), used)
			if tt.suite != 0 {
				require.Equal(t, tt.suite, h.Suite)
			}
			exchange(t, s)
			_, err = s.Send(make([]byte, 2048))
			require.NoError(t, err, "as long as a message can be")
			_, err = s.Send(make([]byte, 2049))
			requireErrno(t, err, socket.EMSGSIZE, "2049 bytes do not fit")
		})
	}
}

// The identity of a pre-shared key stands in the same security tag.
func TestDTLSIdentityOfAnotherTag(t *testing.T) {
	port := serveDTLS(t, psk("me", 10, 11)...)
	creds := tag24(nil, nil, nil, []byte("0a0b")).put(25, nil, nil, nil, nil, []byte("me"))
	e, _ := start(t, socket.Config{Credentials: creds})
	s := open(t, e, socket.DTLS12)
	require.NoError(t, s.SetSecTags([]uint32{24, 25}))
	requireErrno(t, s.Connect("127.0.0.1", port), socket.ECONNREFUSED, "security tag 24 holds a pre-shared key but no identity")
	creds.put(26, nil, nil, nil, []byte("0a0b"), []byte("me"))
	require.NoError(t, s.SetSecTags([]uint32{24, 25, 26}))
	require.NoError(t, s.Connect("127.0.0.1", port))
	exchange(t, s)
}

func TestDTLSConnectionID(t *testing.T) {
	for _, tt := range []struct {
		name   string
		option int
		server []dtls.ServerOption
		want   int
	}{
		{"off", 0, []dtls.ServerOption{dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(4))}, 0},
		{"not at the server", 2, nil, 0},
		{"supported", 1, []dtls.ServerOption{dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(4))}, 2},
		{"downlink", 2, []dtls.ServerOption{dtls.WithConnectionIDGenerator(dtls.OnlySendCIDGenerator())}, 1},
		{"both", 2, []dtls.ServerOption{dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(4))}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := start(t, socket.Config{Credentials: pskStore("me", "0a0b")})
			s := open(t, e, socket.DTLS12)
			require.NoError(t, s.SetOption(socket.KeepOpen, 1))
			require.NoError(t, s.SetOption(socket.DTLSConnectionID, tt.option))
			require.NoError(t, s.Connect("127.0.0.1", serveDTLS(t, append(psk("me", 10, 11), tt.server...)...)))
			got, err := s.Option(socket.DTLSConnectionIDUsed)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			exchange(t, s)

			// Only a session with connection id outlives the loss of the network.
			e.SetNetwork(socket.Offline)
			e.SetNetwork(socket.Online)
			_, err = s.Send([]byte("x"))
			if tt.want == 0 {
				requireErrno(t, err, socket.ENETDOWN, "without connection id")
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestDTLSSave(t *testing.T) {
	port := serveDTLS(t, psk("me", 10, 11)...)
	e, _ := start(t, socket.Config{Credentials: pskStore("me", "0a0b")})
	connect := func(suite uint16) *socket.Socket {
		s := open(t, e, socket.DTLS12)
		require.NoError(t, s.SetCipherSuites([]uint16{suite}))
		requireErrno(t, s.SetOption(socket.DTLSSave, 1), socket.EINVAL, "no finished DTLS handshake")
		require.NoError(t, s.Connect("127.0.0.1", port))
		return s
	}
	cbc := connect(0x00AE)
	requireErrno(t, cbc.SetOption(socket.DTLSSave, 1), socket.EINVAL, "not AES-CCM or AES-GCM")
	s := connect(0xC0A8)
	requireErrno(t, s.SetOption(socket.DTLSLoad, 1), socket.EAGAIN, "not saved")
	require.NoError(t, s.SetOption(socket.DTLSSave, 1))
	_, err := s.Send([]byte("x"))
	requireErrno(t, err, socket.EPROTO, "load it first")
	_, _, err = s.Recv(1, 0)
	requireErrno(t, err, socket.EPROTO, "load it first")
	require.Zero(t, s.Poll())
	for range 3 {
		require.NoError(t, connect(0xC0A8).SetOption(socket.DTLSSave, 1))
	}
	fifth := connect(0xC0A8)
	requireErrno(t, fifth.SetOption(socket.DTLSSave, 1), socket.ENOMEM, "4 sessions are saved already")
	require.NoError(t, s.SetOption(socket.DTLSLoad, 1))
	exchange(t, s)
	require.NoError(t, fifth.SetOption(socket.DTLSSave, 1))
	require.NoError(t, fifth.Close())
	require.NoError(t, s.SetOption(socket.DTLSSave, 1), "closing gave the place back")
}

func TestDTLSSessionCache(t *testing.T) {
	port := serveDTLS(t, append(psk("me", 10, 11), dtls.WithSessionStore(&serverSessions{}))...)
	e, rec := start(t, socket.Config{Credentials: pskStore("me", "0a0b")})
	cached := func(cache int) int {
		s := open(t, e, socket.DTLS12)
		defer s.Close()
		require.NoError(t, s.SetOption(socket.SessionCache, cache))
		require.NoError(t, s.Connect("127.0.0.1", port))
		exchange(t, s)
		got, err := s.Option(socket.HandshakeStatus)
		require.NoError(t, err)
		require.Equal(t, got == 1, rec.handshake(t).Cached)
		return got
	}
	require.Equal(t, 0, cached(1))
	require.Equal(t, 1, cached(1))
	require.Equal(t, 0, cached(0))
	require.NoError(t, open(t, e, socket.DTLS12).SetOption(socket.SessionCachePurge, 1))
	require.Equal(t, 0, cached(1))
}

type serverSessions struct{ m sync.Map }

func (s *serverSessions) Set(key []byte, v dtls.Session) error {
	s.m.Store(string(key), v)
	return nil
}

func (s *serverSessions) Get(key []byte) (dtls.Session, error) {
	v, ok := s.m.Load(string(key))
	if !ok {
		return dtls.Session{}, nil
	}
	return v.(dtls.Session), nil
}

func (s *serverSessions) Del(key []byte) error {
	s.m.Delete(string(key))
	return nil
}

// TestDTLSFragment shows the limit that the option puts on what is sent.
func TestDTLSFragment(t *testing.T) {
	ca := newCA(t, "Test CA")
	client := issue(t, ca, p256(t), commonName("device-1"), padded(1500))
	port := serveDTLS(t, dtls.WithCertificates(issue(t, ca, p256(t), forHosts(broker)).pair()),
		dtls.WithClientAuth(dtls.RequireAndVerifyClientCert), dtls.WithClientCAs(ca.pool()))
	largest := &meter{}
	e, _ := start(t, socket.Config{Credentials: tag24(ca.pem(), client.pem(), client.keyPEM()), ListenPacket: largest.listen})
	s := open(t, e, socket.DTLS12)
	require.NoError(t, s.SetOption(socket.DTLSFragment, 1))
	require.NoError(t, s.Connect("127.0.0.1", port))
	require.Less(t, largest.size(), 512+100)
	exchange(t, s)
	_, err := s.Send(make([]byte, 512))
	require.NoError(t, err)
	_, err = s.Send(make([]byte, 513))
	requireErrno(t, err, socket.EMSGSIZE, "513 bytes do not fit one DTLS message of the modem, which has 512")
	requireErrno(t, s.SetOption(socket.DTLSFragment, 2), socket.EISCONN, "before connect")
}

// TestDTLSPeerCloses shows the end of a session.
func TestDTLSPeerCloses(t *testing.T) {
	ln, err := dtls.ListenWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, psk("me", 10, 11)...)
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		c.Read(make([]byte, 100))
		c.Close()
	})
	e, _ := start(t, socket.Config{Credentials: pskStore("me", "0a0b")})
	s := open(t, e, socket.DTLS12)
	require.NoError(t, s.Connect("127.0.0.1", uint16(ln.Addr().(*net.UDPAddr).Port)))
	_, err = s.Send([]byte("x"))
	require.NoError(t, err)
	_, _, err = s.Recv(1, 0)
	require.Error(t, err)
	require.NotZero(t, s.Poll()&socket.PollHangup)
	_, err = s.Send([]byte("x"))
	requireErrno(t, err, socket.ENOTCONN, "")
	wg.Wait()
	ln.Close()
}

// TestDTLSBound shows a DTLS client with a port of its own, tried again.
func TestDTLSBound(t *testing.T) {
	t.Parallel()
	e, _ := start(t, socket.Config{Credentials: pskStore("me", "0a0b")})
	s := open(t, e, socket.DTLS12)
	require.NoError(t, s.Bind(0))
	at := s.LocalAddr()
	require.NoError(t, s.SetOption(socket.DTLSHandshakeTimeout, 1))
	closed, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer closed.Close()
	requireErrno(t, s.Connect("127.0.0.1", uint16(closed.LocalAddr().(*net.UDPAddr).Port)), socket.ETIMEDOUT, "")
	require.NoError(t, s.Connect("127.0.0.1", serveDTLS(t, psk("me", 10, 11)...)))
	require.Equal(t, at, s.LocalAddr())
	exchange(t, s)
}

// TestDTLSStranger shows that a handshake is not ended by an alert from an
// address that is not its peer's.
func TestDTLSStranger(t *testing.T) {
	e, _ := start(t, socket.Config{Credentials: pskStore("me", "0a0b"),
		ListenPacket: func(_ context.Context, network, address string) (net.PacketConn, error) {
			c, err := net.ListenPacket(network, address)
			return &forger{PacketConn: c}, err
		}})
	s := open(t, e, socket.DTLS12)
	require.NoError(t, s.Connect("127.0.0.1", serveDTLS(t, psk("me", 10, 11)...)))
	exchange(t, s)
}

// forger begins with a fatal alert from elsewhere.
type forger struct {
	net.PacketConn
	once sync.Once
}

func (f *forger) ReadFrom(b []byte) (n int, from net.Addr, err error) {
	f.once.Do(func() {
		n = copy(b, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40})
		from = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 9}
	})
	if n > 0 {
		return n, from, nil
	}
	return f.PacketConn.ReadFrom(b)
}
