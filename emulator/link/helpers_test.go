package link

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// serveEcho answers each line that ends with CR with the line in brackets.
func serveEcho(p Port) {
	var line []byte
	buf := make([]byte, 4096)
	for {
		n, err := p.Read(buf)
		if err != nil {
			return
		}
		for _, b := range buf[:n] {
			if line = append(line, b); b == '\r' {
				fmt.Fprintf(p, "[%s]\n", line[:len(line)-1])
				line = line[:0]
			}
		}
	}
}

// startEcho runs serveEcho until the test ends.
func startEcho(t *testing.T, p Port) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		serveEcho(p)
	}()
	t.Cleanup(func() {
		p.Close()
		<-done
	})
}

func requireTrip(t *testing.T, host io.ReadWriter, line string) {
	t.Helper()
	_, err := io.WriteString(host, line+"\r")
	require.NoError(t, err)
	requireRead(t, host, "["+line+"]\n")
}

func requireRead(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(r, got)
	require.NoError(t, err, "after %q", got[:n])
	require.Equal(t, want, string(got))
}

func waitFor[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		require.FailNow(t, "nothing happened", "%s", stacks[:runtime.Stack(stacks, true)])
		panic("unreachable")
	}
}

// pattern repeats after a prime number of bytes, so that a lost or doubled block
// of any round size shows.
var pattern = func() []byte {
	b := make([]byte, 65521)
	for i := range b {
		b[i] = byte(i*i>>3 + i)
	}
	return b
}()

func sendPattern(w io.Writer, size int) {
	for size > 0 {
		n, err := w.Write(pattern[:min(size, len(pattern))])
		if err != nil {
			return
		}
		size -= n
	}
}

func checkPattern(r io.Reader, size int) error {
	buf := make([]byte, len(pattern))
	for done := 0; done < size; {
		n := min(size-done, len(pattern))
		if _, err := io.ReadFull(r, buf[:n]); err != nil {
			return fmt.Errorf("after %d bytes: %w", done, err)
		}
		if !bytes.Equal(buf[:n], pattern[:n]) {
			return fmt.Errorf("wrong bytes after byte %d", done)
		}
		done += n
	}
	return nil
}
