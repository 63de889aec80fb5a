package link

import (
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func newPaced(t *testing.T, opts PaceOptions) (*Paced, io.ReadWriteCloser) {
	t.Helper()
	device, host := Pipe()
	p, err := Pace(device, opts)
	require.NoError(t, err)
	t.Cleanup(func() { p.Close() })
	return p, host
}

func TestPaceTakesTheTimeOfTheLine(t *testing.T) {
	for _, baud := range []int{300, 9600, 115200, 1000000} {
		synctest.Test(t, func(t *testing.T) {
			p, host := newPaced(t, PaceOptions{Baud: baud})
			const n = 600
			want := n * bitsPerByte * time.Second / time.Duration(baud)

			start := time.Now()
			_, err := p.Write(make([]byte, n))
			require.NoError(t, err)
			require.InDelta(t, want, time.Since(start), float64(want)/1000)

			start = time.Now()
			_, err = host.Write(make([]byte, n))
			require.NoError(t, err)
			_, err = io.ReadFull(p, make([]byte, n))
			require.NoError(t, err)
			require.InDelta(t, want, time.Since(start), float64(want)/1000)
			require.Zero(t, p.Dropped())
		})
	}
}

func TestPaceFirstByteComesAfterItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, host := newPaced(t, PaceOptions{Baud: 9600})
		start := time.Now()
		go p.Write(make([]byte, 1000))
		_, err := io.ReadFull(host, make([]byte, 1))
		require.NoError(t, err)
		require.Equal(t, p.duration(1), time.Since(start))
		p.Close()
	})
}

// Both directions at once take no longer than one.
func TestPaceIsFullDuplex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, host := newPaced(t, PaceOptions{Baud: 9600})
		start := time.Now()
		_, err := host.Write(make([]byte, 700))
		require.NoError(t, err)
		_, err = p.Write(make([]byte, 700))
		require.NoError(t, err)
		_, err = io.ReadFull(p, make([]byte, 700))
		require.NoError(t, err)
		require.InDelta(t, p.duration(700), time.Since(start), float64(time.Millisecond))
	})
}

func TestPaceLosesWhatOverrunsTheReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, host := newPaced(t, PaceOptions{})
		_, err := host.Write(make([]byte, 1000))
		require.NoError(t, err)
		time.Sleep(time.Second) // the device is busy
		require.EqualValues(t, 1000-receiverSize, p.Dropped())
		_, err = io.ReadFull(p, make([]byte, receiverSize))
		require.NoError(t, err)
		_, err = host.Write([]byte("x"))
		require.NoError(t, err)
		requireRead(t, p, "x")
	})
}

func TestPaceFlowControlLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, host := newPaced(t, PaceOptions{FlowControl: true})
		go sendPattern(host, 5000)
		time.Sleep(time.Second) // the device is busy
		start := time.Now()
		require.NoError(t, checkPattern(p, 5000))
		require.Zero(t, p.Dropped())
		// What the host held back takes its time now.
		require.InDelta(t, p.duration(5000-receiverSize), time.Since(start), float64(2*paceSlice))
	})
}

func TestPaceSetBaud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := newPaced(t, PaceOptions{Baud: 9600})
		require.NoError(t, p.SetBaud(19200))
		start := time.Now()
		_, err := p.Write(make([]byte, 192))
		require.NoError(t, err)
		require.InDelta(t, 100*time.Millisecond, time.Since(start), float64(time.Millisecond))
		for _, bad := range []int{0, -1, maxBaud + 1} {
			require.ErrorContains(t, p.SetBaud(bad), "is not a baud rate")
		}
	})
	_, err := Pace(nil, PaceOptions{Baud: -5})
	require.ErrorContains(t, err, "is not a baud rate")
}

func TestPaceClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, host := newPaced(t, PaceOptions{Baud: 300, FlowControl: true})
		errs := make(chan error, 2)
		go func() {
			_, err := p.Write(make([]byte, 1000))
			errs <- err
		}()
		synctest.Wait()
		require.NoError(t, p.Close())
		require.ErrorIs(t, <-errs, os.ErrClosed)
		_, err := p.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		_, err = host.Write([]byte("x"))
		require.Error(t, err)
	})
}

// The end of the paced port is the end of the pacing one, after what has
// arrived.
func TestPaceEndOfInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, host := newPaced(t, PaceOptions{})
		_, err := io.WriteString(host, "AT\r")
		require.NoError(t, err)
		require.NoError(t, host.Close())
		got, err := io.ReadAll(p)
		require.NoError(t, err)
		require.Equal(t, "AT\r", string(got))
	})
}
