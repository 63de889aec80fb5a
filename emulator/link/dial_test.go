package link

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNetworkPort(t *testing.T) {
	for _, tt := range []struct{ name, scheme, addr string }{
		{"tcp:127.0.0.1:4242", "tcp", "127.0.0.1:4242"},
		{"tcp://127.0.0.1:4242", "tcp", "127.0.0.1:4242"},
		{"socket://127.0.0.1:4242", "tcp", "127.0.0.1:4242"},
		{"tcp:localhost:4242", "tcp", "127.0.0.1:4242"},
		{"tcp::4242", "tcp", "127.0.0.1:4242"},
		{"tcp:[::1]:4242", "tcp", "[::1]:4242"},
		{"rfc2217:192.0.2.1:2217", "rfc2217", "192.0.2.1:2217"},
		{"rfc2217://modem.example:2217?logging=debug", "rfc2217", "modem.example:2217"},
		{"/dev/pts/5", "", ""},
		{"COM3", "", ""},
		{"tcp:4242", "", ""},
		{"socket:127.0.0.1:1", "", ""},
		{`\\.\COM12`, "", ""},
		{"http://127.0.0.1:80", "", ""},
	} {
		scheme, addr, ok := NetworkPort(tt.name)
		require.Equal(t, tt.scheme != "", ok, tt.name)
		require.Equal(t, tt.scheme, scheme, tt.name)
		require.Equal(t, tt.addr, addr, tt.name)
	}
}

// What a server is called is what a host opens, and every byte gets through.
func TestDialServers(t *testing.T) {
	for _, listen := range []func(string) (*Server, error){ListenTCP, ListenRFC2217} {
		s := newServer(t, listen)
		startEcho(t, s)
		port, err := Dial(s.Name(), 9600)
		require.NoError(t, err)
		everything := []byte("AT")
		for i := range 256 {
			if i != '\r' {
				everything = append(everything, byte(i))
			}
		}
		for range 3 {
			_, err = port.Write(append(bytes.Clone(everything), '\r'))
			require.NoError(t, err)
			got := make([]byte, len(everything)+3)
			_, err = io.ReadFull(port, got)
			require.NoError(t, err)
			require.Equal(t, "["+string(everything)+"]\n", string(got))
		}
		if s.telnet {
			require.Equal(t, 9600, s.Line().Baud)
			require.Equal(t, 2, s.Line().StopBits, "one stop bit, in halves")
		}
		read := make(chan error)
		go func() {
			_, err := port.Read(make([]byte, 1))
			read <- err
		}()
		require.NoError(t, port.Close())
		require.ErrorIs(t, <-read, net.ErrClosed)
	}
}

func TestDialRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	for name, want := range map[string]string{
		"tcp:" + addr:       "connection refused",
		"rfc2217://" + addr: "connection refused",
		"tcp:4242":          "write tcp:HOST:PORT",
		"/dev/no-such-port": "the port /dev/no-such-port cannot be opened",
	} {
		_, err := Dial(name, 115200)
		require.ErrorContains(t, err, want)
	}
}

// Telnet commands of a server may come at any place and in any pieces.
func FuzzComClient(f *testing.F) {
	f.Add([]byte("a\xff\xffb\xff\xfb\x00\xff\xfd\x2c\xff\xfa\x2c\x6a\xff\xff\xff\xf0\r\x00c"), uint8(3))
	f.Add([]byte("\xff\xfa\xff"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, piece uint8) {
		read := func(size int) []byte {
			near, far := net.Pipe()
			go io.Copy(io.Discard, far)
			defer far.Close()
			c := &comClient{Conn: near, asked: make(map[[2]byte]bool)}
			var out []byte
			for rest := bytes.Clone(stream); len(rest) > 0; {
				n := min(size, len(rest))
				out = append(out, rest[:c.strip(rest[:n])]...)
				rest = rest[n:]
			}
			return out
		}
		require.Equal(t, read(len(stream)+1), read(int(piece)+1))
	})
}
