package socket_test

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// causes is in whose name is acted.
type causes struct{ now atomic.Int64 }

func (c *causes) Cause() int { return int(c.now.Load()) }

func (c *causes) As(cause int, fn func()) {
	before := c.now.Swap(int64(cause))
	fn()
	c.now.Store(before)
}

// TestCauses: what an operation leads to bears the cause that it was started with, and
// so does what its callback does, whoever acts when it ends.
func TestCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial, peer := pipe()
		defer peer.Close()
		names := new(causes)
		// Nothing ends while the test acts in a name: elsewhere a lock sees to that.
		gate := make(chan struct{})
		gated := func(ctx context.Context, network, address string) (net.Conn, error) {
			<-gate
			return dial(ctx, network, address)
		}
		e, record := start(t, socket.Config{Dial: gated, Causes: names})
		s := open(t, e, socket.TCP)
		var ended []int
		done := func() { ended = append(ended, names.Cause()) }
		names.As(1, func() {
			s.StartConnect("127.0.0.1", 80, func(err error) {
				require.NoError(t, err)
				done()
			})
		})
		close(gate)
		synctest.Wait()
		require.Equal(t, 1, record.last(t).ID)
		names.As(2, func() {
			s.StartRecv(10, 0, func(data []byte, _ netip.AddrPort, err error) {
				require.Equal(t, "x", string(data))
				done()
			})
		})
		_, err := peer.Write([]byte("x"))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 2, record.last(t).ID)
		names.As(3, func() {
			_, err := s.Send([]byte("w")) // is taken, and in the way of the next
			require.NoError(t, err)
			require.Equal(t, 3, record.last(t).ID)
		})
		names.As(4, func() {
			s.StartSend([]byte("v"), func(_ int, err error) {
				require.NoError(t, err)
				done()
			})
		})
		synctest.Wait()
		require.Equal(t, []int{1, 2}, ended)
		_, err = peer.Read(make([]byte, 1))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 4, record.last(t).ID)
		require.Equal(t, []int{1, 2, 4}, ended)
	})
}
