package socket_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// pipe is a dialer whose other end is in the test's hands.
func pipe() (dial func(context.Context, string, string) (net.Conn, error), peer net.Conn) {
	here, there := net.Pipe()
	return func(context.Context, string, string) (net.Conn, error) { return here, nil }, there
}

// blackHole drops what is sent and counts it.
type blackHole struct {
	mu       sync.Mutex
	sent     []time.Time
	changed  chan struct{}
	deadline time.Time
	closed   bool
}

func (b *blackHole) listen(context.Context, string, string) (net.PacketConn, error) {
	b.changed = make(chan struct{}, 1)
	return b, nil
}

func (b *blackHole) ReadFrom([]byte) (int, net.Addr, error) {
	for {
		b.mu.Lock()
		deadline, closed := b.deadline, b.closed
		b.mu.Unlock()
		switch {
		case closed:
			return 0, nil, net.ErrClosed
		case !deadline.IsZero() && !deadline.After(time.Now()):
			return 0, nil, os.ErrDeadlineExceeded
		}
		<-b.changed
	}
}

func (b *blackHole) WriteTo(p []byte, _ net.Addr) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, time.Now())
	return len(p), nil
}

func (b *blackHole) change(f func()) error {
	b.mu.Lock()
	f()
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
	return nil
}

func (b *blackHole) Close() error                       { return b.change(func() { b.closed = true }) }
func (b *blackHole) SetDeadline(t time.Time) error      { return b.SetReadDeadline(t) }
func (b *blackHole) SetReadDeadline(t time.Time) error  { return b.change(func() { b.deadline = t }) }
func (b *blackHole) SetWriteDeadline(t time.Time) error { return nil }
func (b *blackHole) LocalAddr() net.Addr                { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func TestConnectTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := start(t, socket.Config{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		began := time.Now()
		requireErrno(t, open(t, e, socket.TCP).Connect("127.0.0.1", 80), socket.ETIMEDOUT, "no answer to the TCP connect within 1m0s")
		require.Equal(t, time.Minute, time.Since(began))
	})
}

func TestHandshakeTimeOut(t *testing.T) {
	ca := newCA(t, "Test CA").pem()
	synctest.Test(t, func(t *testing.T) {
		dial, peer := pipe()
		go echoNothing(peer)
		e, rec := start(t, socket.Config{Dial: dial, Credentials: tag24(ca)})
		began := time.Now()
		requireErrno(t, open(t, e, socket.TLS12).Connect("127.0.0.1", 80), socket.ETIMEDOUT, "the handshake did not end within 1m0s")
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, time.Minute, rec.handshake(t).Took)
	})
}

func TestDTLSHandshakeTimeOut(t *testing.T) {
	ca := newCA(t, "Test CA").pem()
	synctest.Test(t, func(t *testing.T) {
		hole := &blackHole{}
		e, _ := start(t, socket.Config{ListenPacket: hole.listen, Credentials: tag24(ca)})
		s := open(t, e, socket.DTLS12)
		require.NoError(t, s.SetOption(socket.DTLSHandshakeTimeout, 7))
		requireErrno(t, s.SetOption(socket.DTLSHandshakeTimeout, 8), socket.EINVAL, "must be 0, 1, 3, 7")
		began := time.Now()
		requireErrno(t, s.Connect("127.0.0.1", 80), socket.ETIMEDOUT, "the handshake did not end within 7s")
		require.Equal(t, 7*time.Second, time.Since(began))
		var after []time.Duration
		for _, at := range hole.sent {
			after = append(after, at.Sub(began))
		}
		require.Equal(t, []time.Duration{0, time.Second, 3 * time.Second}, after[:3], "RFC 6347 back-off")
	})
}

// TestAbort shows that a connect in any stage ends with its socket, with the
// network, and with the engine.
func TestAbort(t *testing.T) {
	ca := newCA(t, "Test CA").pem()
	for _, stage := range []struct {
		name  string
		proto socket.Protocol
		cfg   func() socket.Config
		host  string
	}{
		{"name lookup", socket.TCP, func() socket.Config { return socket.Config{Resolver: stuck{}} }, "slow.test"},
		{"TCP connect", socket.TCP, func() socket.Config {
			return socket.Config{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}
		}, "127.0.0.1"},
		{"TLS handshake", socket.TLS12, func() socket.Config {
			dial, peer := pipe()
			go echoNothing(peer)
			return socket.Config{Dial: dial, Credentials: tag24(ca)}
		}, "127.0.0.1"},
		{"DTLS handshake", socket.DTLS12, func() socket.Config {
			return socket.Config{ListenPacket: (&blackHole{}).listen, Credentials: tag24(ca)}
		}, "127.0.0.1"},
	} {
		for _, end := range []struct {
			name  string
			do    func(*socket.Engine, *socket.Socket)
			errno socket.Errno
		}{
			{"closed", func(_ *socket.Engine, s *socket.Socket) { s.Close() }, socket.ECONNABORTED},
			{"offline", func(e *socket.Engine, _ *socket.Socket) { e.SetNetwork(socket.Offline) }, socket.ENETDOWN},
			{"offline, kept open", func(e *socket.Engine, s *socket.Socket) {
				s.SetOption(socket.KeepOpen, 1)
				e.SetNetwork(socket.Offline)
			}, socket.ENETUNREACH},
			{"power off", func(e *socket.Engine, _ *socket.Socket) { e.Shutdown() }, socket.ESHUTDOWN},
		} {
			t.Run(stage.name+" "+end.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := socket.New(stage.cfg())
					e.SetNetwork(socket.Online)
					s := open(t, e, stage.proto)
					done := make(chan error, 1)
					began := time.Now()
					s.StartConnect(stage.host, 80, func(err error) { done <- err })
					synctest.Wait()
					end.do(e, s)
					requireErrno(t, <-done, end.errno, "")
					require.Zero(t, time.Since(began))
					e.Shutdown()
					e.Wait()
				})
			})
		}
	}
}

// stuck is a resolver that never answers.
type stuck struct{}

func (stuck) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestReceiveTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial, peer := pipe()
		defer peer.Close()
		e, _ := start(t, socket.Config{Dial: dial})
		s := open(t, e, socket.TCP)
		require.NoError(t, s.Connect("127.0.0.1", 80))
		require.NoError(t, s.SetOption(socket.ReceiveTimeout, 1500))
		began := time.Now()
		_, _, err := s.Recv(10, 0)
		requireErrno(t, err, socket.EAGAIN, "no data")
		require.Equal(t, 1500*time.Millisecond, time.Since(began))

		_, err = peer.Write([]byte("abc"))
		require.NoError(t, err)
		data, _, err := s.Recv(10, socket.WaitAll)
		require.NoError(t, err, "what is there is returned when the time is over")
		require.Equal(t, "abc", string(data))
		require.Equal(t, 3*time.Second, time.Since(began))

		require.NoError(t, s.SetOption(socket.ReceiveTimeout, 0))
		time.AfterFunc(time.Hour, func() { peer.Write([]byte("late")) })
		data, _, err = s.Recv(10, 0)
		require.NoError(t, err)
		require.Equal(t, "late", string(data))
	})
}

func TestAcceptTimeOut(t *testing.T) {
	e, _ := start(t, socket.Config{})
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Bind(0))
	require.NoError(t, s.Listen(1))
	require.NoError(t, s.SetOption(socket.ReceiveTimeout, 1))
	_, err := s.Accept()
	requireErrno(t, err, socket.EAGAIN, "no connection has come within 1ms")
}

func TestSendTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial, peer := pipe()
		defer peer.Close()
		e, _ := start(t, socket.Config{Dial: dial})
		s := open(t, e, socket.TCP)
		require.NoError(t, s.Connect("127.0.0.1", 80))
		require.NoError(t, s.SetOption(socket.SendTimeout, 30_000))
		began := time.Now()
		n, err := s.Send([]byte("abc"))
		require.NoError(t, err, "one message is taken")
		require.Equal(t, 3, n)
		_, err = s.TrySend([]byte("d"))
		requireErrno(t, err, socket.EAGAIN, "an earlier send has not gone out yet")
		n, err = s.Send([]byte("d"))
		requireErrno(t, err, socket.EAGAIN, "the peer takes no more data")
		require.Zero(t, n)
		require.Equal(t, 30*time.Second, time.Since(began))

		// It goes out as soon as there is room.
		done := make(chan error, 1)
		s.StartSend([]byte("ef"), func(_ int, err error) { done <- err })
		got := make([]byte, 5)
		_, err = io.ReadFull(peer, got)
		require.NoError(t, err)
		require.Equal(t, "abcef", string(got), "what timed out was not sent")
		require.NoError(t, <-done)
		synctest.Wait()
		require.Equal(t, socket.PollOut, s.Poll(), "writable again")

		// A close lets what was accepted go out.
		_, err = s.Send([]byte("bye"))
		require.NoError(t, err)
		require.NoError(t, s.Close())
		rest, err := io.ReadAll(peer)
		require.NoError(t, err)
		require.Equal(t, "bye", string(rest))
	})
}

// TestBackPressure shows that a socket nobody reads takes a few kilobytes only.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial, peer := pipe()
		e, _ := start(t, socket.Config{Dial: dial})
		s := open(t, e, socket.TCP)
		require.NoError(t, s.Connect("127.0.0.1", 80))
		sent := 0
		go func() {
			defer peer.Close()
			for sent < 100_000 {
				n, err := peer.Write(make([]byte, 1000))
				if sent += n; err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		require.LessOrEqual(t, sent, 8192)
		require.GreaterOrEqual(t, sent, 4000)
		for got := 0; got < 100_000; {
			data, _, err := s.Recv(2048, 0)
			require.NoError(t, err)
			got += len(data)
		}
		synctest.Wait()
		require.Equal(t, 100_000, sent)
	})
}

// TestNotify shows the edges that a poll of sockets is made of.
func TestNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial, peer := pipe()
		e, _ := start(t, socket.Config{Dial: dial})
		s := open(t, e, socket.TCP)
		var got []socket.Events
		s.SetNotify(func(ev socket.Events) { got = append(got, ev) })
		expect := func(want ...socket.Events) {
			t.Helper()
			synctest.Wait()
			require.Equal(t, want, got)
			got = nil
		}
		require.Zero(t, s.Poll())
		require.NoError(t, s.Connect("127.0.0.1", 80))
		expect(socket.PollOut)
		peer.Write([]byte("ab"))
		expect(socket.PollOut | socket.PollIn)
		peer.Write([]byte("cd"))
		expect()
		s.Recv(3, 0)
		expect() // still readable: no edge, Poll tells
		require.Equal(t, socket.PollOut|socket.PollIn, s.Poll())
		s.Recv(3, 0)
		expect()
		require.Equal(t, socket.PollOut, s.Poll())
		s.StartSend([]byte("x"), func(int, error) {})
		expect()
		require.Zero(t, s.Poll(), "a send is under way")
		peer.Read(make([]byte, 1))
		expect(socket.PollOut)
		peer.Close()
		expect(socket.PollOut | socket.PollIn | socket.PollHangup)
		e.SetNetwork(socket.PowerOff)
		expect(socket.PollHangup | socket.PollInvalid)
		s.Close()
		expect()
	})
}
