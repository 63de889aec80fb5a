package socket_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

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
