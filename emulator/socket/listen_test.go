package socket_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// TestServersAreOnLoopback looks at where the host listens for a program's servers.
func TestServersAreOnLoopback(t *testing.T) {
	for _, test := range []struct {
		name     string
		cfg      socket.Config
		loopback bool
	}{
		{"as it is", socket.Config{}, true},
		{"allowed", socket.Config{ListenExternal: true}, false},
		{"nothing external at all", socket.Config{ListenExternal: true, NoExternal: true}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := socket.New(test.cfg)
			e.SetNetwork(socket.Online)
			defer func() { e.Shutdown(); e.Wait() }()
			s := open(t, e, socket.TCP)
			require.NoError(t, s.Bind(0))
			require.NoError(t, s.Listen(1))
			require.Equal(t, test.loopback, s.LocalAddr().Addr().IsLoopback(), s.LocalAddr())
		})
	}
}

// packets is a UDP socket of the host that hears from anywhere.
type packets struct {
	net.PacketConn
	in   chan net.Addr
	sent chan net.Addr
}

func (p *packets) ReadFrom(b []byte) (int, net.Addr, error) {
	from, ok := <-p.in
	if !ok {
		return 0, nil, net.ErrClosed
	}
	return copy(b, from.String()), from, nil
}

func (p *packets) WriteTo(b []byte, to net.Addr) (int, error) {
	p.sent <- to
	return len(b), nil
}

func (p *packets) Close() error { close(p.in); return nil }

func (p *packets) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4zero, Port: 7} }

// A UDP socket does not hear machines that it has not spoken to.
func TestUDPHearsWhomItSpokeTo(t *testing.T) {
	const stranger, friend, self = "192.0.2.1:5", "192.0.2.2:5", "127.0.0.1:5"
	for _, allowed := range []bool{false, true} {
		p := &packets{in: make(chan net.Addr, 4), sent: make(chan net.Addr, 4)}
		e := socket.New(socket.Config{ListenExternal: allowed, ListenPacket: func(context.Context, string, string) (net.PacketConn, error) { return p, nil }})
		e.SetNetwork(socket.Online)
		s := open(t, e, socket.UDP)
		require.NoError(t, s.Bind(7))
		_, err := s.SendTo([]byte("x"), "192.0.2.2", 5)
		require.NoError(t, err)
		require.Equal(t, friend, (<-p.sent).String())
		want := []string{friend, self}
		if allowed {
			want = append([]string{stranger}, want...)
		}
		for _, from := range []string{stranger, friend, self} {
			p.in <- net.UDPAddrFromAddrPort(netip.MustParseAddrPort(from))
		}
		for _, from := range want {
			data, at, err := s.Recv(100, 0)
			require.NoError(t, err)
			require.Equal(t, from, string(data))
			require.Equal(t, from, at.String())
		}
		e.Shutdown()
		e.Wait()
	}
}

// It hears the last 64 machines to which it has sent.
func TestUDPForgetsWhomItSpokeTo(t *testing.T) {
	p := &packets{in: make(chan net.Addr, 4), sent: make(chan net.Addr, 4)}
	e := socket.New(socket.Config{ListenPacket: func(context.Context, string, string) (net.PacketConn, error) { return p, nil }})
	e.SetNetwork(socket.Online)
	defer func() { e.Shutdown(); e.Wait() }()
	s := open(t, e, socket.UDP)
	at := func(n byte) net.Addr { return &net.UDPAddr{IP: net.IPv4(192, 0, 2, n), Port: 5} }
	for n := range byte(65) {
		_, err := s.SendTo([]byte("x"), at(n).(*net.UDPAddr).IP.String(), 5)
		require.NoError(t, err)
		<-p.sent
	}
	for _, n := range []byte{0, 1, 64} {
		p.in <- at(n)
	}
	for _, n := range []byte{1, 64} {
		data, _, err := s.Recv(100, 0)
		require.NoError(t, err)
		require.Equal(t, at(n).String(), string(data))
	}
}

// What waits in a UDP socket is bounded by number too, since datagrams can be empty.
func TestUDPQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &packets{in: make(chan net.Addr)}
		e := socket.New(socket.Config{ListenPacket: func(context.Context, string, string) (net.PacketConn, error) { return p, nil }})
		e.SetNetwork(socket.Online)
		defer func() { e.Shutdown(); e.Wait() }()
		s := open(t, e, socket.UDP)
		require.NoError(t, s.Bind(7))
		const queue, all = 128, 200
		taken := 0
		go func() {
			for ; taken < all; taken++ {
				p.in <- &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5}
			}
		}()
		synctest.Wait()
		require.Equal(t, queue, taken)
		for range all {
			_, _, err := s.Recv(100, 0)
			require.NoError(t, err)
		}
		synctest.Wait()
		require.Equal(t, all, taken)
	})
}

// A connection that was accepted outlives the loss of the network if its server does.
func TestAcceptedKeepsOpen(t *testing.T) {
	for keep := range 2 {
		e, _ := start(t, socket.Config{})
		server, client := open(t, e, socket.TCP), open(t, e, socket.TCP)
		require.NoError(t, server.SetOption(socket.KeepOpen, keep))
		require.NoError(t, server.Bind(0))
		require.NoError(t, server.Listen(1))
		require.NoError(t, client.Connect("127.0.0.1", server.LocalAddr().Port()))
		s, err := server.Accept()
		require.NoError(t, err)
		got, err := s.Option(socket.KeepOpen)
		require.NoError(t, err)
		require.Equal(t, keep, got)
	}
}
