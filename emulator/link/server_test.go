package link

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newServer(t *testing.T, listen func(string) (*Server, error)) *Server {
	t.Helper()
	s, err := listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t *testing.T, s *Server) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	return conn.(*net.TCPConn)
}

// requireClients waits until the server has n clients.
func requireClients(t *testing.T, s *Server, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.clients) == n
	}, patience, time.Millisecond)
}

func TestTCPClientsShareOneUART(t *testing.T) {
	s := newServer(t, ListenTCP)
	require.Equal(t, "tcp:"+s.Addr().String(), s.Name())
	require.False(t, s.Attached())
	startEcho(t, s)
	one, two := dial(t, s), dial(t, s)
	requireClients(t, s, 2)
	requireTrip(t, one, "AT1")
	requireRead(t, two, "[AT1]\n")
	requireTrip(t, two, "AT2")
	requireRead(t, one, "[AT2]\n")

	// Half a line each is one line.
	_, err := io.WriteString(one, "AT+")
	require.NoError(t, err)
	requireClients(t, s, 2)
	require.NoError(t, one.Close())
	requireClients(t, s, 1)
	_, err = io.WriteString(two, "CFUN?\r")
	require.NoError(t, err)
	requireRead(t, two, "[AT+CFUN?]\n")
}

func TestTCPKeepsBannerForFirstClientOnly(t *testing.T) {
	s := newServer(t, ListenTCP)
	for range serverKeep {
		_, err := io.WriteString(s, "Ready\r\n")
		require.NoError(t, err)
	}
	require.EqualValues(t, 6*serverKeep, s.Dropped())
	one := dial(t, s)
	requireRead(t, one, strings.Repeat("Ready\r\n", serverKeep/7))
	require.NoError(t, one.Close())
	requireClients(t, s, 0)
	_, err := io.WriteString(s, "to nobody")
	require.NoError(t, err)
	two := dial(t, s)
	requireClients(t, s, 1)
	_, err = io.WriteString(s, "to two")
	require.NoError(t, err)
	requireRead(t, two, "to two")
}

func TestTCPDisconnectsAClientThatDoesNotRead(t *testing.T) {
	s := newServer(t, ListenTCP)
	lazy, keen := dial(t, s), dial(t, s)
	requireClients(t, s, 2)
	_ = lazy
	var all sync.WaitGroup
	defer all.Wait()
	defer s.Close()
	all.Go(func() { io.Copy(io.Discard, keen) })
	block := make([]byte, 16<<10)
	dropped := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.clients) == 1
	}
	// The keen one must have read before more is sent: it, too, has a bound.
	for deadline := time.Now().Add(patience); !dropped(); {
		require.True(t, time.Now().Before(deadline))
		_, err := s.Write(block)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			waiting := 0
			for c := range s.clients {
				if c.conn.RemoteAddr().String() == keen.LocalAddr().String() {
					waiting = len(c.data)
				}
			}
			return waiting == 0
		}, patience, 100*time.Microsecond)
	}
	require.NotZero(t, s.Dropped())
	require.True(t, s.Attached())
}

// "echo AT | nc" closes its half at once and wants the answer.
func TestTCPHalfClosedClientGetsItsAnswer(t *testing.T) {
	s := newServer(t, ListenTCP)
	startEcho(t, s)
	conn := dial(t, s)
	_, err := io.WriteString(conn, "AT\r")
	require.NoError(t, err)
	require.NoError(t, conn.CloseWrite())
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, "[AT]\n", string(got))
}

func TestServerClose(t *testing.T) {
	for _, listen := range []func(string) (*Server, error){ListenTCP, ListenRFC2217} {
		s := newServer(t, listen)
		conn := dial(t, s)
		requireClients(t, s, 1)
		done := make(chan error, 1)
		go func() {
			_, err := s.Read(make([]byte, 1))
			done <- err
		}()
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		require.Equal(t, io.EOF, waitFor(t, done))
		_, err := s.Write([]byte("x"))
		require.ErrorIs(t, err, os.ErrClosed)
		_, err = io.Copy(io.Discard, conn)
		if err != nil {
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		}
		_, err = net.Dial("tcp", s.Addr().String())
		require.Error(t, err)
	}
}

func TestServerBoundsClients(t *testing.T) {
	s := newServer(t, ListenTCP)
	for range maxClients {
		dial(t, s)
	}
	requireClients(t, s, maxClients)
	_, err := dial(t, s).Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestListenOnATakenPort(t *testing.T) {
	s := newServer(t, ListenTCP)
	_, err := ListenTCP(s.Addr().String())
	require.ErrorContains(t, err, fmt.Sprintf("cannot listen on %s", s.Addr()))
}

func TestTCPManyBytes(t *testing.T) {
	s := newServer(t, ListenTCP)
	conn := dial(t, s)
	var all sync.WaitGroup
	all.Go(func() { sendPattern(conn, 4<<20) })
	require.NoError(t, checkPattern(s, 4<<20))
	all.Wait()
}
