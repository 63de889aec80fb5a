package socket_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

func TestOpen(t *testing.T) {
	e, rec := start(t, socket.Config{})
	for _, tt := range []struct {
		name   string
		family socket.Family
		typ    socket.Type
		proto  socket.Protocol
		errno  socket.Errno
	}{
		{"TCP", 1, 1, 6, 0},
		{"UDP over IPv6", 2, 2, 17, 0},
		{"TLS", 1, 1, 258, 0},
		{"DTLS", 1, 2, 273, 0},
		{"raw", 3, 3, 0, 0},
		{"no such family", 4, 1, 6, socket.EAFNOSUPPORT},
		{"TLS 1.3", 1, 1, 259, socket.EPROTOTYPE},
		{"UDP as a stream", 1, 1, 17, socket.EPROTOTYPE},
		{"raw in IPv4", 1, 3, 0, socket.EPROTOTYPE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := e.Open(tt.family, tt.typ, tt.proto)
			if tt.errno != 0 {
				requireErrno(t, err, tt.errno, "")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.proto, s.Protocol())
		})
	}
	oldest := socket.DefaultPolicy()
	oldest.Errnos = socket.GenerationOldest
	old, _ := start(t, socket.Config{Policy: oldest})
	_, err := old.Open(socket.IPv4, socket.Stream, 259)
	requireErrno(t, err, 41, "the modem has TCP 6, UDP 17, TLS 1.2 258 and DTLS 1.2 273")
	require.Equal(t, []string{"open 0", "open 1", "open 2", "open 3", "open 4",
		"open -1 EAFNOSUPPORT", "open -1 EPROTOTYPE", "open -1 EPROTOTYPE", "open -1 EPROTOTYPE"}, rec.ops())
}

func TestHandles(t *testing.T) {
	e, _ := start(t, socket.Config{})
	var all []*socket.Socket
	for i := range 8 {
		s := open(t, e, socket.TCP)
		require.Equal(t, i, s.Handle())
		all = append(all, s)
	}
	_, err := e.Open(1, 1, 6)
	requireErrno(t, err, socket.EMFILE, "all 8 sockets are in use")
	require.NoError(t, all[5].Close())
	require.NoError(t, all[2].Close())
	requireErrno(t, all[2].Close(), socket.EBADF, "closed")
	require.Equal(t, 2, open(t, e, socket.UDP).Handle(), "the lowest free handle")
	require.Equal(t, 5, open(t, e, socket.UDP).Handle())
	s, ok := e.Socket(5)
	require.True(t, ok)
	require.Equal(t, socket.UDP, s.Protocol())
	_, ok = e.Socket(8)
	require.False(t, ok)
	require.Len(t, e.Sockets(), 8)
}

func TestTCP(t *testing.T) {
	e, rec := start(t, socket.Config{})
	port := serve(t, echo)
	s := open(t, e, socket.TCP)
	_, err := s.Send([]byte("x"))
	requireErrno(t, err, socket.ENOTCONN, "not connected")
	_, _, err = s.Recv(1, 0)
	requireErrno(t, err, socket.ENOTCONN, "not connected")
	require.NoError(t, s.Connect(broker, port))
	require.Equal(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), s.PeerAddr())
	require.True(t, s.LocalAddr().IsValid())
	exchange(t, s)
	requireErrno(t, s.Connect(broker, port), socket.EISCONN, "already connected")
	require.NoError(t, s.Close())
	_, err = s.Send([]byte("x"))
	requireErrno(t, err, socket.EBADF, "closed")
	require.Equal(t, []string{"open 0", "send 0 ENOTCONN", "receive 0 ENOTCONN", "connect 0", "send 0", "receive 0",
		"connect 0 EISCONN", "close 0", "send 0 EBADF"}, rec.ops())
}

// refusingPort returns a port that is taken and does not listen.
func refusingPort(t *testing.T) uint16 {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	at, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	return uint16(at.(*syscall.SockaddrInet4).Port)
}

func TestConnectErrors(t *testing.T) {
	closed := refusingPort(t)
	for _, tt := range []struct {
		name    string
		proto   socket.Protocol
		host    string
		port    uint16
		network socket.Network
		prepare func(*socket.Socket)
		errno   socket.Errno
		reason  string
	}{
		{name: "refused", proto: socket.TCP, host: "127.0.0.1", port: closed, network: socket.Online, errno: socket.ECONNREFUSED, reason: "nothing listens"},
		{name: "refused under TLS", proto: socket.TLS12, host: "127.0.0.1", port: closed, network: socket.Online, errno: socket.ECONNREFUSED, reason: "nothing listens"},
		{name: "offline", proto: socket.TCP, host: "127.0.0.1", port: 80, network: socket.Offline, errno: socket.ENETUNREACH, reason: "offline"},
		{name: "port 0", proto: socket.TCP, host: "127.0.0.1", port: 0, network: socket.Online, errno: socket.EINVAL, reason: "port 0"},
		{name: "unknown name", proto: socket.TCP, host: "nowhere.test", port: 80, network: socket.Online, errno: socket.EHOSTUNREACH, reason: `"nowhere.test" was not found`},
		{name: "outside", proto: socket.TCP, host: "192.0.2.1", port: 80, network: socket.Online, errno: socket.ENETUNREACH, reason: "no-external"},
		{name: "outside by UDP", proto: socket.UDP, host: "192.0.2.1", port: 80, network: socket.Online, errno: socket.ENETUNREACH, reason: "no-external"},
		{name: "other family", proto: socket.TCP, host: "::1", port: 80, network: socket.Online, errno: socket.EAFNOSUPPORT, reason: "family"},
		{name: "DTLS without tags", proto: socket.DTLS12, host: "127.0.0.1", port: 80, network: socket.Online,
			prepare: func(s *socket.Socket) { s.SetSecTags(nil) }, errno: socket.EINVAL, reason: "no security tag"},
		{name: "TLS without tags", proto: socket.TLS12, host: "127.0.0.1", port: 80, network: socket.Online,
			prepare: func(s *socket.Socket) { s.SetSecTags(nil) }, errno: socket.ECONNREFUSED, reason: "no security tag holds no credential"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := start(t, socket.Config{Credentials: tag24(newCA(t, "Test CA").pem())})
			e.SetNetwork(tt.network)
			s := open(t, e, tt.proto)
			if tt.prepare != nil {
				tt.prepare(s)
			}
			requireErrno(t, s.Connect(tt.host, tt.port), tt.errno, tt.reason)
		})
	}
}

// TestPeerCloses shows the end of a stream: what was sent before is read, then
// io.EOF; readiness is 17 with the end alone (fact sockets/xapoll).
func TestPeerCloses(t *testing.T) {
	e, _ := start(t, socket.Config{})
	port := serve(t, func(c net.Conn) { c.Write([]byte("bye")) })
	s := open(t, e, socket.TCP)
	events := make(chan socket.Events, 8)
	s.SetNotify(func(ev socket.Events) { events <- ev })
	require.NoError(t, s.Connect("127.0.0.1", port))
	for ev := <-events; ev&socket.PollHangup == 0; ev = <-events {
	}
	data, from, err := s.Recv(2, 0)
	require.NoError(t, err)
	require.Equal(t, "by", string(data))
	require.Equal(t, port, from.Port())
	data, _, err = s.Recv(2, socket.WaitAll)
	require.NoError(t, err)
	require.Equal(t, "e", string(data))
	_, _, err = s.Recv(2, 0)
	require.ErrorIs(t, err, io.EOF)
	_, _, err = s.TryRecv(2, 0)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, socket.PollIn|socket.PollHangup, s.Poll()&^socket.PollOut)
}

func TestPeerResets(t *testing.T) {
	e, _ := start(t, socket.Config{})
	port := serve(t, func(c net.Conn) {
		c.Read(make([]byte, 1))
		c.(*net.TCPConn).SetLinger(0)
	})
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Connect("127.0.0.1", port))
	_, err := s.Send([]byte("x"))
	require.NoError(t, err)
	_, _, err = s.Recv(2, 0)
	requireErrno(t, err, socket.ECONNRESET, "reset")
	_, err = s.Send([]byte("x"))
	requireErrno(t, err, socket.ENOTCONN, "broken")
	require.Equal(t, socket.PollError|socket.PollHangup, s.Poll())
	n, err := s.Option(socket.PendingError)
	require.NoError(t, err)
	require.Equal(t, int(socket.ECONNRESET), n)
	n, err = s.Option(socket.PendingError)
	require.NoError(t, err)
	require.Zero(t, n, "reading it clears it")
}

// TestFullHostBuffer fills the host's send buffer: TrySend says so, a send that
// waits goes out when there is room, and nothing is lost or out of order.
func TestFullHostBuffer(t *testing.T) {
	read := make(chan bool)
	sum := make(chan [32]byte, 1)
	port := serve(t, func(c net.Conn) {
		<-read
		h := sha256.New()
		io.Copy(h, c)
		sum <- [32]byte(h.Sum(nil))
	})
	e, _ := start(t, socket.Config{})
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Connect("127.0.0.1", port))
	want := sha256.New()
	message := make([]byte, 4096)
	for i := 0; ; i++ {
		binary.BigEndian.PutUint32(message, uint32(i))
		n, err := s.TrySend(message)
		if errors.Is(err, socket.EAGAIN) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, len(message), n)
		want.Write(message)
	}
	require.Zero(t, s.Poll()&socket.PollOut)
	done := make(chan error, 1)
	s.StartSend([]byte("the end"), func(_ int, err error) { done <- err })
	want.Write([]byte("the end"))
	close(read)
	require.NoError(t, <-done)
	require.NoError(t, s.Close())
	require.Equal(t, [32]byte(want.Sum(nil)), <-sum)
}

func TestReceiveFlags(t *testing.T) {
	e, _ := start(t, socket.Config{})
	more := make(chan bool)
	port := serve(t, func(c net.Conn) {
		c.Write([]byte("abc"))
		<-more
		c.Write([]byte("def"))
		echoNothing(c)
	})
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Connect("127.0.0.1", port))
	data, _, err := s.Recv(3, socket.Peek|socket.WaitAll)
	require.NoError(t, err)
	require.Equal(t, "abc", string(data))
	all := make(chan string, 1)
	s.StartRecv(6, socket.WaitAll, func(data []byte, _ netip.AddrPort, err error) { all <- string(data) })
	_, _, err = s.TryRecv(1, 0)
	requireErrno(t, err, socket.EAGAIN, "no data") // the one that waits goes first
	close(more)
	require.Equal(t, "abcdef", <-all)
	_, _, err = s.Recv(1, socket.DontWait)
	requireErrno(t, err, socket.EAGAIN, "no data")
	_, _, err = s.Recv(0, 0)
	requireErrno(t, err, socket.EINVAL, "")
}

func TestUDP(t *testing.T) {
	e, _ := start(t, socket.Config{})
	peer, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer peer.Close()
	peerPort := uint16(peer.LocalAddr().(*net.UDPAddr).Port)
	s := open(t, e, socket.UDP)
	require.Equal(t, socket.PollOut, s.Poll())
	_, err = s.Send([]byte("x"))
	requireErrno(t, err, socket.EDESTADDRREQ, "no peer")

	n, err := s.SendTo([]byte("one"), broker, peerPort)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	buf := make([]byte, 100)
	n, from, err := peer.ReadFrom(buf)
	require.NoError(t, err)
	require.Equal(t, "one", string(buf[:n]))
	require.Equal(t, s.LocalAddr().Port(), uint16(from.(*net.UDPAddr).Port))

	_, err = peer.WriteTo([]byte("a long answer"), from)
	require.NoError(t, err)
	_, err = peer.WriteTo(nil, from)
	require.NoError(t, err)
	data, addr, err := s.Recv(6, 0)
	require.NoError(t, err)
	require.Equal(t, "a long", string(data), "the rest of a datagram is lost")
	require.Equal(t, peerPort, addr.Port())
	data, _, err = s.Recv(6, 0)
	require.NoError(t, err)
	require.Empty(t, data, "an empty datagram is a datagram")

	// Connected: only the peer is heard.
	require.NoError(t, s.Connect("127.0.0.1", peerPort))
	stranger, err := net.Dial("udp4", fmt.Sprintf("127.0.0.1:%d", s.LocalAddr().Port()))
	require.NoError(t, err)
	defer stranger.Close()
	_, err = stranger.Write([]byte("spam"))
	require.NoError(t, err)
	_, err = peer.WriteTo([]byte("ham"), from)
	require.NoError(t, err)
	data, _, err = s.Recv(100, 0)
	require.NoError(t, err)
	require.Equal(t, "ham", string(data))
	_, err = s.Send([]byte("two"))
	require.NoError(t, err)
	n, _, err = peer.ReadFrom(buf)
	require.NoError(t, err)
	require.Equal(t, "two", string(buf[:n]))
	_, err = s.Send(make([]byte, 70000))
	requireErrno(t, err, socket.EMSGSIZE, "")
}

// A quickConn has the answer to a datagram before the write of it returns.
type quickConn struct {
	net.PacketConn
	answered chan struct{}
}

func (c *quickConn) WriteTo(p []byte, to net.Addr) (int, error) {
	n, err := c.PacketConn.WriteTo(p, to)
	<-c.answered
	for range 10_000 { // time for who has read the answer to go on
		runtime.Gosched()
	}
	return n, err
}

func (c *quickConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(p)
	if err == nil {
		c.answered <- struct{}{}
	}
	return n, from, err
}

// A program hears that a datagram was sent before it hears the answer, also where the
// network is faster than the host's system call.
func TestSentBeforeAnswered(t *testing.T) {
	peer, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	var echo sync.WaitGroup
	echo.Go(func() {
		for buf := make([]byte, 100); ; {
			n, from, err := peer.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = peer.WriteTo(buf[:n], from)
		}
	})
	t.Cleanup(func() {
		peer.Close()
		echo.Wait()
	})
	e, rec := start(t, socket.Config{ListenPacket: func(_ context.Context, network, address string) (net.PacketConn, error) {
		conn, err := net.ListenPacket(network, address)
		return &quickConn{conn, make(chan struct{})}, err
	}})
	s := open(t, e, socket.UDP)
	require.NoError(t, s.Connect("127.0.0.1", uint16(peer.LocalAddr().(*net.UDPAddr).Port)))
	order := make(chan string, 2)
	s.StartRecv(100, 0, func([]byte, netip.AddrPort, error) { order <- "received" })
	s.StartSend([]byte("ping"), func(int, error) { order <- "sent" })
	require.Equal(t, "sent", <-order)
	require.Equal(t, "received", <-order)
	ops := rec.ops()
	require.Equal(t, []string{"send 0", "receive 0"}, ops[len(ops)-2:])
}

func TestBindUDP(t *testing.T) {
	e, _ := start(t, socket.Config{})
	a, b := open(t, e, socket.UDP), open(t, e, socket.UDP)
	require.NoError(t, a.Bind(0))
	requireErrno(t, a.Bind(0), socket.EINVAL, "already bound")
	requireErrno(t, b.Bind(a.LocalAddr().Port()), socket.EADDRINUSE, "in use")
	_, err := b.SendTo([]byte("hi"), "127.0.0.1", a.LocalAddr().Port())
	require.NoError(t, err)
	data, from, err := a.Recv(10, 0)
	require.NoError(t, err)
	require.Equal(t, "hi", string(data))
	require.Equal(t, b.LocalAddr().Port(), from.Port())
}

func TestServer(t *testing.T) {
	policy := socket.DefaultPolicy()
	policy.MaxSockets = 3
	e, rec := start(t, socket.Config{Policy: policy})
	srv := open(t, e, socket.TCP)
	requireErrno(t, srv.Listen(2), socket.EINVAL, "bound")
	require.NoError(t, srv.Bind(0))
	_, err := srv.TryAccept()
	requireErrno(t, err, socket.EINVAL, "does not listen")
	require.NoError(t, srv.Listen(2))
	_, err = srv.TryAccept()
	requireErrno(t, err, socket.EAGAIN, "no connection waits")

	ready := make(chan socket.Events, 8)
	srv.SetNotify(func(ev socket.Events) { ready <- ev })
	cli := open(t, e, socket.TCP)
	require.NoError(t, cli.Connect("127.0.0.1", srv.LocalAddr().Port()))
	require.Equal(t, socket.PollIn, <-ready)
	got, err := srv.TryAccept()
	require.NoError(t, err)
	require.Equal(t, 2, got.Handle())
	require.Equal(t, cli.LocalAddr(), got.PeerAddr())
	_, err = cli.Send([]byte("to the server"))
	require.NoError(t, err)
	data, _, err := got.Recv(13, socket.WaitAll)
	require.NoError(t, err)
	require.Equal(t, "to the server", string(data))

	// No handle is free: the connection is closed.
	extra, err := net.Dial("tcp4", srv.LocalAddr().String())
	require.NoError(t, err)
	defer extra.Close()
	_, err = srv.Accept()
	requireErrno(t, err, socket.EMFILE, "all 3")
	_, err = extra.Read(make([]byte, 1))
	require.Error(t, err)

	// A waiting accept ends with the socket.
	done := make(chan error, 1)
	srv.StartAccept(func(_ *socket.Socket, err error) { done <- err })
	require.NoError(t, srv.Close())
	requireErrno(t, <-done, socket.ECONNABORTED, "closed")
	require.Contains(t, strings.Join(rec.ops(), ","), "listen 0,")

	tls := open(t, e, socket.TLS12)
	require.NoError(t, tls.Bind(0))
	requireErrno(t, tls.Listen(1), socket.EOPNOTSUPP, "only TCP")
}

// TestBoundClient shows a TCP client with a port of its own.
func TestBoundClient(t *testing.T) {
	e, _ := start(t, socket.Config{})
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Bind(0))
	at := s.LocalAddr()
	require.NoError(t, s.Connect("127.0.0.1", serve(t, echo)))
	require.Equal(t, at, s.LocalAddr())
	exchange(t, s)
}

func TestPost(t *testing.T) {
	var device sync.Mutex // the lock of a device
	post := func(fn func()) {
		device.Lock()
		defer device.Unlock()
		fn()
	}
	e, _ := start(t, socket.Config{Post: post})
	port := serve(t, echo)
	done := make(chan error, 1)
	func() {
		device.Lock()
		defer device.Unlock()
		s := open(t, e, socket.TCP)
		inside := true
		s.StartConnect("127.0.0.1", 0, func(error) { require.False(t, inside, "run inside the call") })
		s.StartConnect("127.0.0.1", port, func(err error) {
			s.StartSend([]byte("x"), func(n int, err error) { // callbacks may call the engine
				s.StartRecv(1, 0, func(_ []byte, _ netip.AddrPort, err error) { done <- err })
			})
		})
		inside = false
	}()
	require.NoError(t, <-done)
}

func TestShutdown(t *testing.T) {
	rec := &record{}
	e := socket.New(socket.Config{Observe: rec.add, NoExternal: true})
	e.SetNetwork(socket.Online)
	port := serve(t, echoNothing)
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Connect("127.0.0.1", port))
	done := make(chan error, 1)
	s.StartRecv(1, 0, func(_ []byte, _ netip.AddrPort, err error) { done <- err })
	e.Shutdown()
	e.Shutdown()
	requireErrno(t, <-done, socket.ESHUTDOWN, "shut down")
	_, err := e.Open(1, 1, 6)
	requireErrno(t, err, socket.ESHUTDOWN, "shut down")
	_, err = e.Lookup("localhost", 0)
	requireErrno(t, err, socket.ESHUTDOWN, "shut down")
	_, err = s.Send([]byte("x"))
	requireErrno(t, err, socket.ESHUTDOWN, "shut down")
	e.Wait()
}

func TestErrno(t *testing.T) {
	require.Equal(t, "ECONNREFUSED (111)", socket.ECONNREFUSED.Error())
	require.Equal(t, "ETIMEDOUT (116)", socket.ETIMEDOUT.Error(), "not Linux's 110")
	require.Equal(t, "EOPNOTSUPP (45)", socket.Errno(45).Error())
	require.Equal(t, "errno 999", socket.Errno(999).Error())
	cause := errors.New("cause")
	err := error(&socket.Error{Op: "connect", Errno: socket.EBUSY, Reason: "busy", Err: cause})
	require.ErrorIs(t, err, socket.EBUSY)
	require.ErrorIs(t, err, cause)
	require.Equal(t, "connect: EBUSY (16): busy", err.Error())
}
