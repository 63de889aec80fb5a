package apptest

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Left is told when data mode has ended.
const Left = "\r\n#XDATAMODE: 0\r\n"

// A Far is the other end of a connection in virtual time. It keeps what it gets,
// one string for each write.
type Far struct {
	net.Conn
	mu     sync.Mutex
	writes []string
}

// Got returns the writes since the last call.
func (f *Far) Got() []string {
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.writes
	f.writes = nil
	return w
}

// Keep reads until the connection ends.
func (f *Far) Keep() {
	buf := make([]byte, 8192)
	for {
		n, err := f.Conn.Read(buf)
		f.mu.Lock()
		if n > 0 {
			f.writes = append(f.writes, string(buf[:n]))
		}
		f.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// NewVirtual returns a host with TCP socket 0 connected to a far end, in virtual
// time. The far end does not read before start.
func NewVirtual(t *testing.T, dialect string) (h *Host, f *Far, start func()) {
	d, send := NewWith(t, defaultModem, dialect, nil)
	near, other := net.Pipe()
	t.Cleanup(func() { other.Close() })
	d.Board.Dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	h = online(t, d, send)
	h.Expect("AT#XSOCKET=1,1,0", Line("#XSOCKET: 0,1,6"))
	h.Expect(`AT#XCONNECT=0,"127.0.0.1",1`, Line("#XCONNECT: 0,1"))
	f = &Far{Conn: other}
	return h, f, func() { go f.Keep() }
}

// Quiet sends bytes and requires that nothing comes back at once.
func (h *Host) Quiet(sent string) {
	h.t.Helper()
	require.Empty(h.t, h.Send(sent), "after %q", sent)
}

// Settle lets things happen and returns what came.
func (h *Host) Settle() string {
	synctest.Wait()
	return h.Sent()
}

// Bubble runs a subtest in virtual time.
func Bubble(t *testing.T, name string, fn func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, fn) })
}

// URC is a line that nobody has asked for.
func URC(format string, args ...any) string { return "\r\n" + fmt.Sprintf(format, args...) + "\r\n" }

// NewFar returns a host in virtual time whose next connection goes to the far
// end. Later ones are not answered.
func NewFar(t *testing.T, dialect string) (*Host, *Far) {
	d, send := NewWith(t, defaultModem, dialect, nil)
	near, other := net.Pipe()
	t.Cleanup(func() { other.Close() })
	d.Board.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		if c := near; c != nil {
			near = nil
			return c, nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	h := online(t, d, send)
	f := &Far{Conn: other}
	go f.Keep()
	return h, f
}

// All returns everything that was received since the last call.
func (f *Far) All() string { return strings.Join(f.Got(), "") }

// Hear has the far end send bytes, and requires what the host gets of it.
func (h *Host) Hear(f *Far, sent, want string) {
	h.t.Helper()
	_, err := io.WriteString(f, sent)
	require.NoError(h.t, err)
	require.Equal(h.t, want, h.Settle())
}
