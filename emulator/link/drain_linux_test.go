package link

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A taker reads from a port and uses what it gets, in its own time.
type taker struct {
	used atomic.Int64
	zero atomic.Bool // a NUL has come
}

func startTaker(t *testing.T, p Port) *taker {
	k, done := new(taker), make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1000)
		for {
			n, err := p.Read(buf)
			for range n % 7 {
				runtime.Gosched() // what was read is not used yet
			}
			k.zero.Store(k.zero.Load() || bytes.IndexByte(buf[:n], 0) >= 0)
			k.used.Add(int64(n))
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		p.Close()
		<-done
	})
	return k
}

// drains sends texts of many lengths by hosts that are gone at once, and expects that all
// was used when Drain returns.
func drains(t *testing.T, p interface {
	Port
	Drainer
}, open func() io.WriteCloser, rounds int) {
	k := startTaker(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, p.Drain(ctx), "nothing was sent")
	var sent int64
	for i := range rounds {
		text := strings.Repeat("AT+CMEE?\r", i*i%700)
		host := open()
		n, err := io.WriteString(host, text)
		require.NoError(t, err)
		sent += int64(n)
		if i%10 > 0 {
			require.NoError(t, host.Close())
		} else {
			defer host.Close() // who stays sends nothing more
		}
		require.NoError(t, p.Drain(ctx))
		require.Equal(t, sent, k.used.Load(), "round %d", i)
		require.NoError(t, p.Drain(ctx))
	}
	require.False(t, k.zero.Load())
}

func TestPTYDrain(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		drains(t, p, func() io.WriteCloser {
			f, err := os.OpenFile(p.Path(), os.O_RDWR, 0)
			require.NoError(t, err)
			return f
		}, 200)
		require.True(t, p.Opened())
	})
}

func TestServerDrain(t *testing.T) {
	for name, listen := range map[string]func(string) (*Server, error){"tcp": ListenTCP, "rfc2217": ListenRFC2217} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, listen)
			require.NoError(t, s.probes.wait(t.Context(), s.Addr()))
			require.False(t, s.Opened(), "a probe is no client")
			drains(t, s, func() io.WriteCloser {
				conn, err := net.Dial("tcp", s.Addr().String())
				require.NoError(t, err)
				return conn
			}, 200)
		})
	}
}

func TestPipeDrain(t *testing.T) {
	p, host := Pipe()
	k := startTaker(t, p)
	for i := range 200 {
		_, err := io.WriteString(host, strings.Repeat("x", i*i%700))
		require.NoError(t, err)
		before := k.used.Load()
		require.NoError(t, p.(Drainer).Drain(t.Context()))
		require.GreaterOrEqual(t, k.used.Load(), before)
	}
	var want int64
	for i := range 200 {
		want += int64(i * i % 700)
	}
	require.Equal(t, want, k.used.Load())
}

// Where nobody reads, Drain ends with its context, and the next reader finds what was sent and
// nothing else.
func TestDrainGivesUp(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		host := openHost(t, p.Path())
		_, err := io.WriteString(host, "AT\r")
		require.NoError(t, err)
		over := errors.New("over")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(over)
		require.ErrorIs(t, p.Drain(ctx), over)
		require.ErrorContains(t, p.Drain(t.Context()), "given up")
		k := startTaker(t, p)
		require.Eventually(t, func() bool { return k.used.Load() == 3 && !p.mark.on.Load() }, patience, time.Millisecond)
		require.False(t, k.zero.Load())
		require.NoError(t, p.Drain(t.Context()))
	})
	server := newServer(t, ListenTCP)
	_, err := io.WriteString(dial(t, server), "AT\r")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, server.Drain(ctx), context.Canceled)
}

// A full line has no room for a mark: there is some once somebody reads.
func TestPTYDrainFull(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		host, err := unix.Open(p.Path(), unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		require.NoError(t, err)
		defer unix.Close(host)
		var sent int64
		for {
			n, err := unix.Write(host, pattern[:1000])
			if err != nil {
				break
			}
			sent += int64(n)
		}
		done := make(chan error, 1)
		go func() { done <- p.Drain(t.Context()) }()
		k := startTaker(t, p)
		require.NoError(t, waitFor(t, done))
		require.Equal(t, sent, k.used.Load())
	})
}
