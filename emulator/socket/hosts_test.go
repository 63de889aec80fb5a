package socket_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// TestOffline shows what functional modes 4 and 0 do to sockets.
func TestOffline(t *testing.T) {
	for _, tt := range []struct {
		name string
		keep bool
		to   socket.Network
		dead bool
	}{
		{"mode 4", false, socket.Offline, true},
		{"mode 4, kept open", true, socket.Offline, false},
		{"mode 0", false, socket.PowerOff, true},
		{"mode 0, kept open", true, socket.PowerOff, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial, peer := pipe()
				defer peer.Close()
				e, _ := start(t, socket.Config{Dial: dial})
				s := open(t, e, socket.TCP)
				require.NoError(t, s.SetOption(socket.KeepOpen, map[bool]int{true: 1}[tt.keep]))
				require.NoError(t, s.Connect("127.0.0.1", 80))
				var received []byte
				var receiveErr error
				s.StartRecv(10, 0, func(data []byte, _ netip.AddrPort, err error) { received, receiveErr = data, err })
				_, err := s.Send([]byte("w")) // is taken, and in the way of the next
				require.NoError(t, err)
				var sendErr error
				s.StartSend([]byte("x"), func(_ int, err error) { sendErr = err })

				e.SetNetwork(tt.to)
				synctest.Wait()
				require.Error(t, sendErr)
				_, ok := e.Socket(s.Handle())
				require.True(t, ok, "the handle stays")
				if tt.dead {
					requireErrno(t, receiveErr, socket.ENETDOWN, "closed the socket")
					_, err = s.Send([]byte("x"))
					requireErrno(t, err, socket.ENETDOWN, "closed the socket")
					require.Equal(t, socket.PollHangup|socket.PollInvalid, s.Poll())
					_, err = peer.Read(make([]byte, 1))
					require.Error(t, err)
					e.SetNetwork(socket.Online)
					require.Equal(t, socket.PollHangup|socket.PollInvalid, s.Poll())
					require.NoError(t, s.Close())
					return
				}
				require.NoError(t, receiveErr)
				_, err = s.Send([]byte("y"))
				requireErrno(t, err, socket.ENETUNREACH, "offline")
				require.Zero(t, s.Poll())
				peer.Read(make([]byte, 1))
				go peer.Write([]byte("late"))
				synctest.Wait()
				require.Empty(t, received, "input waits for the network")
				e.SetNetwork(socket.Online)
				synctest.Wait()
				require.Equal(t, "late", string(received))
			})
		})
	}
}

func TestOpenedOffline(t *testing.T) {
	e := socket.New(socket.Config{})
	s := open(t, e, socket.UDP)
	e.SetNetwork(socket.PowerOff)
	requireErrno(t, s.Bind(0), socket.ENETDOWN, "mode 0")
	fresh := open(t, e, socket.UDP)
	require.Equal(t, 1, fresh.Handle())
	e.SetNetwork(socket.Offline)
	e.SetNetwork(socket.Online)
	require.Equal(t, socket.Online, e.Network())
	require.Equal(t, socket.PollOut, fresh.Poll())
	e.Shutdown()
	e.Wait()
}

func TestLookup(t *testing.T) {
	hosts := map[string]netip.AddrPort{
		"mapped.test": netip.MustParseAddrPort("127.0.0.2:0"),
		"port.test":   netip.MustParseAddrPort("127.0.0.2:1883"),
		"six.test":    netip.MustParseAddrPort("[::1]:0"),
	}
	answers := table{"both.test": {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1")}}
	for _, tt := range []struct {
		name   string
		host   string
		family socket.Family
		inside bool
		want   string // blank-separated
		errno  socket.Errno
	}{
		{name: "literal", host: "192.0.2.7", want: "192.0.2.7"},
		{name: "literal IPv6", host: "::1", family: socket.IPv6, want: "::1"},
		{name: "literal of another family", host: "::1", family: socket.IPv4, errno: socket.EAFNOSUPPORT},
		{name: "mapped", host: "Mapped.TEST.", want: "127.0.0.2"},
		{name: "mapped with a port", host: "port.test", want: "198.18.0.1"},
		{name: "mapped to another family", host: "six.test", family: socket.IPv4, errno: socket.EHOSTUNREACH},
		{name: "name server", host: "both.test", want: "2001:db8::1 192.0.2.1"},
		{name: "name server, IPv4", host: "both.test", family: socket.IPv4, want: "192.0.2.1"},
		{name: "not found", host: "none.test", errno: socket.EHOSTUNREACH},
		{name: "no external", host: "both.test", inside: true, errno: socket.EHOSTUNREACH},
		{name: "no external, localhost", host: "localhost", inside: true, want: "127.0.0.1"},
		{name: "no external, localhost IPv6", host: "localhost", inside: true, family: socket.IPv6, want: "::1"},
		{name: "no such family", host: "both.test", family: 3, errno: socket.EAFNOSUPPORT},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := socket.New(socket.Config{Hosts: hosts, Resolver: answers, NoExternal: tt.inside})
			e.SetNetwork(socket.Online)
			addrs, err := e.Lookup(tt.host, tt.family)
			if tt.errno != 0 {
				requireErrno(t, err, tt.errno, "")
				require.Equal(t, tt.errno == socket.EHOSTUNREACH, isNotFound(err))
				return
			}
			require.NoError(t, err)
			var got string
			for i, a := range addrs {
				if i > 0 {
					got += " "
				}
				got += a.String()
			}
			require.Equal(t, tt.want, got)
			e.Shutdown()
			e.Wait()
		})
	}
	e := socket.New(socket.Config{Resolver: answers})
	_, err := e.Lookup("both.test", 0)
	requireErrno(t, err, socket.ENETUNREACH, "offline")
	e.Shutdown()
	e.Wait()
}

// TestNoExternal shows that no address outside this host is spoken to, of whatever
// family and however it is written.
func TestNoExternal(t *testing.T) {
	dialed := ""
	e, _ := start(t, socket.Config{
		Hosts: map[string]netip.AddrPort{
			"far.test":  netip.MustParseAddrPort("[2001:db8::2]:0"),
			"here.test": netip.MustParseAddrPort("[::ffff:127.0.0.1]:0"),
		},
		Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dialed = address
			return nil, net.ErrClosed
		},
	})
	for _, tt := range []struct {
		host   string
		family socket.Family
		local  bool
	}{
		{"127.0.0.1", socket.IPv4, true},
		{"127.8.9.10", socket.IPv4, true},
		{"::ffff:127.0.0.1", socket.IPv4, true},
		{"::1", socket.IPv6, true},
		{"here.test", socket.IPv6, true},
		{"192.0.2.1", socket.IPv4, false},
		{"::ffff:192.0.2.1", socket.IPv4, false},
		{"10.0.0.1", socket.IPv4, false},
		{"0.0.0.0", socket.IPv4, false},
		{"255.255.255.255", socket.IPv4, false},
		{"2001:db8::1", socket.IPv6, false},
		{"[2001:db8::1]", socket.IPv6, false},
		{"::", socket.IPv6, false},
		{"fe80::1", socket.IPv6, false},
		{"fd00::1", socket.IPv6, false},
		{"64:ff9b::7f00:1", socket.IPv6, false},
		{"far.test", socket.IPv6, false},
	} {
		t.Run(tt.host, func(t *testing.T) {
			dialed = ""
			s, err := e.Open(tt.family, socket.Stream, socket.TCP)
			require.NoError(t, err)
			defer s.Close()
			err = s.Connect(tt.host, 80)
			if tt.local {
				require.Error(t, err)
				require.NotEmpty(t, dialed)
				return
			}
			requireErrno(t, err, socket.ENETUNREACH, "outside this host")
			require.Empty(t, dialed)

			u, err := e.Open(tt.family, socket.Datagram, socket.UDP)
			require.NoError(t, err)
			defer u.Close()
			_, err = u.SendTo([]byte("x"), tt.host, 53)
			requireErrno(t, err, socket.ENETUNREACH, "outside this host")
			requireErrno(t, u.Connect(tt.host, 53), socket.ENETUNREACH, "outside this host")
		})
	}
}

// TestMappedPort shows that a mapping may replace the port too.
func TestMappedPort(t *testing.T) {
	port := serve(t, echo)
	e, _ := start(t, socket.Config{Hosts: map[string]netip.AddrPort{
		"broker.example": netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)}})
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Connect("broker.example", 8883))
	require.Equal(t, "198.18.0.1:8883", s.PeerAddr().String())
	exchange(t, s)
}

// TestMappedByPort shows that a mapping for one port leaves the other ports closed,
// and that a program that looks the name up first gets there as well.
func TestMappedByPort(t *testing.T) {
	here := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), serve(t, echo))
	e, _ := start(t, socket.Config{NoExternal: true, Hosts: map[string]netip.AddrPort{
		"broker.example:8883": here, "broker.example:1883": here, "plain.example": netip.AddrPortFrom(here.Addr(), 0)}})

	addrs, err := e.Lookup("Broker.example", socket.IPv4)
	require.NoError(t, err)
	require.Equal(t, "[198.18.0.1]", fmt.Sprint(addrs))
	for _, host := range []string{"broker.example", addrs[0].String()} {
		s := open(t, e, socket.TCP)
		require.NoError(t, s.Connect(host, 8883))
		require.Equal(t, "198.18.0.1", s.PeerAddr().Addr().String())
		exchange(t, s)
		requireErrno(t, open(t, e, socket.TCP).Connect(host, 80), socket.ECONNREFUSED, "mapped for port 1883, 8883 and not for 80")
	}
	s := open(t, e, socket.TCP)
	require.NoError(t, s.Connect("plain.example", here.Port()))
	require.Equal(t, here, s.PeerAddr())
}

// A datagram that comes back bears the address that it was sent to.
func TestMappedDatagrams(t *testing.T) {
	packet, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { packet.Close() })
	go func() {
		for b := make([]byte, 100); ; {
			n, from, err := packet.ReadFrom(b)
			if err != nil {
				return
			}
			packet.WriteTo(b[:n], from)
		}
	}()
	e, _ := start(t, socket.Config{Hosts: map[string]netip.AddrPort{
		"echo.example:2444": netip.MustParseAddrPort(packet.LocalAddr().String())}})
	s := open(t, e, socket.UDP)
	_, err = s.SendTo([]byte("hello"), "198.18.0.1", 2444)
	require.NoError(t, err)
	data, from, err := s.Recv(100, 0)
	require.NoError(t, err)
	require.Equal(t, "hello from 198.18.0.1:2444", string(data)+" from "+from.String())
}

type table map[string][]netip.Addr

func (m table) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return m[host], nil
}

func TestParseHost(t *testing.T) {
	for _, tt := range []struct{ text, name, addr string }{
		{"broker.example=127.0.0.1", "broker.example", "127.0.0.1:0"},
		{"Broker.Example.=127.0.0.1:18883", "broker.example", "127.0.0.1:18883"},
		{"b=::1", "b", "[::1]:0"},
		{"b=[::1]", "b", "[::1]:0"},
		{"b=[::1]:1883", "b", "[::1]:1883"},
		{"b=::ffff:127.0.0.1", "b", "127.0.0.1:0"},
		{"B.Lab:8883=127.0.0.1:18883", "b.lab:8883", "127.0.0.1:18883"},
		{"b:8883=127.0.0.1", "b:8883", "127.0.0.1:0"},
		{"b:0=127.0.0.1", "", ""},
		{"b:x=127.0.0.1", "", ""},
		{"b=127.0.0.1:0", "b", "127.0.0.1:0"},
		{"192.0.2.1=127.0.0.1", "", ""},
		{"[::1]:80=127.0.0.1", "", ""},
		{"mqtts://b=127.0.0.1", "", ""},
		{"a b=127.0.0.1", "", ""},
		{".=127.0.0.1", "", ""},
		{"b=localhost", "", ""},
		{"b=", "", ""},
		{"=127.0.0.1", "", ""},
		{"127.0.0.1", "", ""},
		{"b=127.0.0.1:70000", "", ""},
		{"b=fe80::1%eth0", "", ""},
	} {
		t.Run(tt.text, func(t *testing.T) {
			name, addr, err := socket.ParseHost(tt.text)
			if tt.name == "" {
				require.ErrorContains(t, err, "host mapping")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.name, name)
			require.Equal(t, tt.addr, addr.String())
		})
	}
}

func TestOptions(t *testing.T) {
	policy := socket.DefaultPolicy()
	policy.Unsupported = []socket.Option{socket.IPv6DelayedRefresh}
	e, _ := start(t, socket.Config{Policy: policy})
	const unset = -1
	for _, tt := range []struct {
		name    string
		proto   socket.Protocol
		option  socket.Option
		initial int // unset: cannot be read
		set     int // unset: cannot be set
		bad     int // refused with EINVAL, unset: none
	}{
		{"reuse address", socket.TCP, socket.ReuseAddress, unset, 1, -5},
		{"receive timeout", socket.TCP, socket.ReceiveTimeout, 0, 1500, -5},
		{"send timeout", socket.TCP, socket.SendTimeout, 0, 30000, -5},
		{"silence all", socket.TCP, socket.SilenceAll, 0, 1, 2},
		{"IPv4 echo reply", socket.TCP, socket.IPEchoReply, 1, 0, 2},
		{"IPv6 echo reply", socket.TCP, socket.IPv6EchoReply, 1, 0, 2},
		{"keep open", socket.TCP, socket.KeepOpen, 0, 1, 2},
		{"bind to PDN", socket.TCP, socket.BindToPDN, unset, 1, -5},
		{"server idle timeout", socket.TCP, socket.ServerIdleTimeout, 0, 135, 136},
		{"release assistance", socket.TCP, socket.ReleaseAssistance, unset, 2, 6},
		{"role", socket.TLS12, socket.Role, unset, 1, 2},
		{"peer verification", socket.TLS12, socket.PeerVerify, 2, 1, 3},
		{"session cache", socket.TLS12, socket.SessionCache, 0, 1, 2},
		{"session cache purge", socket.TLS12, socket.SessionCachePurge, unset, 7, unset},
		{"handshake status", socket.TLS12, socket.HandshakeStatus, 0, unset, unset},
		{"pending error", socket.TCP, socket.PendingError, 0, unset, unset},
		{"DTLS timeout", socket.DTLS12, socket.DTLSHandshakeTimeout, 123, 31, 30},
		{"DTLS connection id", socket.DTLS12, socket.DTLSConnectionID, 0, 2, 3},
		{"DTLS connection id used", socket.DTLS12, socket.DTLSConnectionIDUsed, 0, unset, unset},
		{"DTLS fragment", socket.DTLS12, socket.DTLSFragment, 0, 2, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, e, tt.proto)
			defer s.Close()
			got, err := s.Option(tt.option)
			if tt.initial == unset {
				requireErrno(t, err, socket.ENOPROTOOPT, "can only be set")
			} else {
				require.NoError(t, err)
				require.Equal(t, tt.initial, got)
			}
			err = s.SetOption(tt.option, tt.set)
			if tt.set == unset {
				requireErrno(t, err, socket.ENOPROTOOPT, "can only be read")
				return
			}
			require.NoError(t, err)
			if tt.initial != unset {
				got, err := s.Option(tt.option)
				require.NoError(t, err)
				require.Equal(t, tt.set, got)
			}
			if tt.bad != unset {
				requireErrno(t, s.SetOption(tt.option, tt.bad), socket.EINVAL, "")
			}
		})
	}

	s := open(t, e, socket.TCP)
	requireErrno(t, s.SetOption(socket.IPv6DelayedRefresh, 1), socket.ENOPROTOOPT, "no option 62 of level 1")
	requireErrno(t, s.SetOption(socket.Option(282<<16|99), 1), socket.ENOPROTOOPT, "no option 99 of level 282")
	requireErrno(t, s.SetOption(socket.PeerVerify, 1), socket.EOPNOTSUPP, "needs a TLS or DTLS socket")
	requireErrno(t, s.SetHostName("x"), socket.EOPNOTSUPP, "needs a TLS or DTLS socket")
	requireErrno(t, s.SetOption(socket.ReleaseAssistance, 1), socket.EDESTADDRREQ, "connected")
	tls := open(t, e, socket.TLS12)
	requireErrno(t, tls.SetOption(socket.DTLSConnectionID, 1), socket.EOPNOTSUPP, "needs a DTLS socket")
	requireErrno(t, tls.SetSecTags(make([]uint32, 8)), socket.EINVAL, "a socket takes 7")
	requireErrno(t, tls.SetCipherSuites([]uint16{0xC02C}), socket.EINVAL, "0xC02C")
	require.NoError(t, tls.SetHostName(broker))
	require.Equal(t, broker, tls.HostName())
	_, err := tls.Option(socket.CipherSuiteUsed)
	requireErrno(t, err, socket.ENOTCONN, "after the handshake")
	require.NoError(t, tls.Close())
	requireErrno(t, tls.SetHostName("x"), socket.EBADF, "closed")
	requireErrno(t, tls.SetOption(socket.KeepOpen, 1), socket.EBADF, "closed")
}
