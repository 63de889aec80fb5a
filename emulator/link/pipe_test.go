package link

import (
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device, host := Pipe()
		require.Equal(t, "pipe", device.Name())
		go serveEcho(device)
		requireTrip(t, host, "AT")
		synctest.Wait() // the echo is durably blocked
		requireTrip(t, host, "AT")
		require.NoError(t, host.Close())
		_, err := device.Write([]byte("x"))
		require.ErrorIs(t, err, io.ErrClosedPipe)
	})
}

func TestPipeClose(t *testing.T) {
	device, host := Pipe()
	_, err := io.WriteString(device, "last words")
	require.NoError(t, err)
	require.NoError(t, device.Close())
	require.NoError(t, device.Close())
	_, err = device.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	_, err = device.Write([]byte("x"))
	require.ErrorIs(t, err, os.ErrClosed)
	got, err := io.ReadAll(host)
	require.NoError(t, err)
	require.Equal(t, "last words", string(got))
}

func TestPipeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device, host := Pipe()
		require.NoError(t, host.SetWriteDeadline(time.Now().Add(time.Hour)))
		n, err := host.Write(make([]byte, 2*pipeSize))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, pipeSize, n)
		done := make(chan error)
		go func() {
			_, err := device.Write(make([]byte, 2*pipeSize))
			done <- err
		}()
		synctest.Wait()
		require.NoError(t, device.Close())
		require.ErrorIs(t, <-done, os.ErrClosed)
	})
}

func TestPipeReadDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, host := Pipe()
		start := time.Now()
		require.NoError(t, host.SetReadDeadline(start.Add(time.Minute)))
		_, err := host.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
		require.NoError(t, host.SetDeadline(time.Time{}))
		time.AfterFunc(time.Minute, func() { host.SetReadDeadline(time.Unix(1, 0)) })
		_, err = host.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
}

func TestPipeManyBytes(t *testing.T) {
	device, host := Pipe()
	var all sync.WaitGroup
	all.Go(func() { sendPattern(device, 4<<20) })
	require.NoError(t, checkPattern(host, 4<<20))
	all.Wait()
	require.LessOrEqual(t, cap(device.(*pipePort).out.buf), 3*pipeSize)
}

func TestStdio(t *testing.T) {
	for _, c := range []struct{ name, in, terminator, want string }{
		{"lines", "AT\nAT+CFUN?\n", "", "AT\rAT+CFUN?\r"},
		{"CR LF", "AT\r\nAT\r\n", "", "AT\rAT\r"},
		{"CR", "AT\rAT\r", "", "AT\rAT\r"},
		{"no end", "AT", "", "AT\r"},
		{"CRLF wanted", "AT\nATI\n", "\r\n", "AT\r\nATI\r\n"},
		{"PEM", "AT%CMNG=0,24,0,\"-----BEGIN\nabc\n\"\nAT\n", "", "AT%CMNG=0,24,0,\"-----BEGIN\nabc\n\"\rAT\r"},
		{"blank lines", "\n\nAT\n", "", "\r\rAT\r"},
		{"nothing", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, in := range []io.Reader{
				strings.NewReader(c.in),
				io.MultiReader(strings.NewReader(c.in[:len(c.in)/2]), strings.NewReader(c.in[len(c.in)/2:])),
			} {
				var out strings.Builder
				s, err := NewStdio(in, &out, c.terminator)
				require.NoError(t, err)
				got, err := io.ReadAll(s)
				require.NoError(t, err)
				require.Equal(t, c.want, string(got))
				_, err = io.WriteString(s, "\r\nOK\r\n")
				require.NoError(t, err)
				require.Equal(t, "\r\nOK\r\n", out.String())
				require.NoError(t, s.Close())
				_, err = s.Write([]byte("x"))
				require.ErrorIs(t, err, os.ErrClosed)
			}
		})
	}
}

func TestStdioCloseUnblocksRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there a Read of standard input cannot be interrupted, see NewStdio")
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	defer r.Close()
	s, err := NewStdio(r, io.Discard, "")
	require.NoError(t, err)
	_, err = io.WriteString(w, "AT\n")
	require.NoError(t, err)
	requireRead(t, s, "AT\r")
	done := make(chan error, 1)
	go func() {
		_, err := s.Read(make([]byte, 1))
		done <- err
	}()
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.Equal(t, io.EOF, waitFor(t, done))
}
