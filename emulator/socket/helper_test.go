package socket_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

func TestMain(m *testing.M) {
	if pem := os.Getenv(serverVariable); pem != "" {
		serverMain(pem)
		return
	}
	goleak.VerifyTestMain(m)
}

// record is what an engine told.
type record struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *record) add(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// handshake returns the last handshake.
func (r *record) handshake(t testing.TB) *event.Handshake {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.events) - 1; i >= 0; i-- {
		if h := r.events[i].Handshake; h != nil {
			return h
		}
	}
	require.Fail(t, "no handshake in the record")
	return nil
}

// last returns the last operation on a socket.
func (r *record) last(t testing.TB) *event.Socket {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.events) - 1; i >= 0; i-- {
		if s := r.events[i].Socket; s != nil {
			return s
		}
	}
	require.Fail(t, "no operation on a socket in the record")
	return nil
}

// ops lists the socket operations, failed ones with their errno.
func (r *record) ops() (ops []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if s := e.Socket; s != nil {
			text := string(s.Op) + " " + strconv.Itoa(s.Handle)
			if s.Errno != 0 {
				text += " " + s.Name
			}
			ops = append(ops, text)
		}
	}
	return ops
}

// start makes an engine that is online and ends with the test.
func start(t testing.TB, cfg socket.Config) (*socket.Engine, *record) {
	t.Helper()
	rec := &record{}
	cfg.Observe = rec.add
	if cfg.Hosts == nil {
		cfg.Hosts = map[string]netip.AddrPort{broker: netip.MustParseAddrPort("127.0.0.1:0")}
	}
	cfg.NoExternal = true
	e := socket.New(cfg)
	e.SetNetwork(socket.Online)
	t.Cleanup(func() {
		e.Shutdown()
		e.Wait()
	})
	return e, rec
}

func open(t testing.TB, e *socket.Engine, p socket.Protocol) *socket.Socket {
	t.Helper()
	typ := socket.Stream
	if p == socket.UDP || p == socket.DTLS12 {
		typ = socket.Datagram
	}
	s, err := e.Open(socket.IPv4, typ, p)
	require.NoError(t, err)
	if p == socket.TLS12 || p == socket.DTLS12 {
		require.NoError(t, s.SetSecTags([]uint32{24}))
		require.NoError(t, s.SetOption(socket.PeerVerify, socket.PeerVerifyRequired))
	}
	return s
}

// requireErrno checks number and reason.
func requireErrno(t testing.TB, err error, want socket.Errno, reason string) {
	t.Helper()
	var own *socket.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, want, own.Errno, own.Reason)
	require.Contains(t, own.Reason, reason)
}

// serve answers every connection on a free port until the test ends.
func serve(t testing.TB, handle func(net.Conn)) uint16 {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				handle(c)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		for c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return uint16(ln.Addr().(*net.TCPAddr).Port)
}

// echo sends back what comes.
func echo(c net.Conn) { io.Copy(c, c) }

// serveTLS is an echo over TLS; 0 versions and nil suites are 1.2 and Go's.
func serveTLS(t testing.TB, cfg *tls.Config) uint16 {
	if cfg.MinVersion == 0 {
		cfg.MinVersion = tls.VersionTLS12
	}
	return serve(t, func(c net.Conn) { echo(tls.Server(c, cfg)) })
}

// exchange shows that data flows.
func exchange(t testing.TB, s *socket.Socket) {
	t.Helper()
	n, err := s.Send([]byte("Hi from nRF91"))
	require.NoError(t, err)
	require.Equal(t, 13, n)
	data, _, err := s.Recv(13, socket.WaitAll)
	require.NoError(t, err)
	require.Equal(t, "Hi from nRF91", string(data))
}

func isNotFound(err error) bool { return errors.Is(err, socket.ErrNameNotFound) }

// meter measures the datagrams that are sent.
type meter struct {
	net.PacketConn
	mu  sync.Mutex
	max int
}

func (m *meter) listen(_ context.Context, network, address string) (net.PacketConn, error) {
	var err error
	m.PacketConn, err = net.ListenPacket(network, address)
	return m, err
}

func (m *meter) WriteTo(b []byte, to net.Addr) (int, error) {
	m.mu.Lock()
	m.max = max(m.max, len(b))
	m.mu.Unlock()
	return m.PacketConn.WriteTo(b, to)
}

func (m *meter) size() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.max
}
