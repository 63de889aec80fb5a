package socket

import (
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// What is held goes out in one piece: when it is released, when there is much of it, and when
// the connection is closed.
func TestHold(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(o *outConn)
		want int
	}{
		"released": {func(o *outConn) { o.hold(false) }, 2},
		"much":     {func(o *outConn) { o.Write(make([]byte, holdLimit)) }, 2 + holdLimit},
		"closed":   {func(o *outConn) { o.Close() }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				o := newOutConn(near, func(fn func()) { go fn() })
				var pieces []int
				go func() {
					buf := make([]byte, 2*holdLimit)
					for {
						n, err := far.Read(buf)
						if err != nil {
							return
						}
						pieces = append(pieces, n)
					}
				}()
				o.hold(true)
				o.Write([]byte("a"))
				o.Write([]byte("b"))
				synctest.Wait()
				require.Empty(t, pieces)
				require.False(t, o.full())
				tt.end(o)
				synctest.Wait()
				require.Equal(t, []int{tt.want}, pieces)
				o.abort()
			})
		})
	}
}
