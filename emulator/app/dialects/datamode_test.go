package dialects_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const left = "\r\n#XDATAMODE: 0\r\n"

// A far is the other end of a connection in virtual time. It keeps what it gets,
// one string for each write.
type far struct {
	net.Conn
	mu     sync.Mutex
	writes []string
}

// got returns the writes since the last call.
func (f *far) got() []string {
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.writes
	f.writes = nil
	return w
}

// read reads until the connection ends.
func (f *far) read() {
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

// virtual returns a host with TCP socket 0 connected to a far end, in virtual
// time. The far end does not read before start.
func virtual(t *testing.T, dialect string) (h *host, f *far, start func()) {
	d, send := newAppWith(t, "nrf9151-2.0.4", dialect, nil)
	near, other := net.Pipe()
	t.Cleanup(func() { other.Close() })
	d.board.dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	h = &host{d, t, send}
	h.expect("AT+CFUN=1", ok)
	h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 0,1,6"))
	h.expect(`AT#XCONNECT=0,"127.0.0.1",1`, line("#XCONNECT: 0,1"))
	f = &far{Conn: other}
	return h, f, func() { go f.read() }
}

// inData returns a host in data mode.
func inData(t *testing.T, dialect string) (*host, *far) {
	h, f, start := virtual(t, dialect)
	start()
	h.expect("AT#XSEND=0,2,0", ok)
	return h, f
}

func (h *host) quiet(sent string) {
	h.t.Helper()
	require.Empty(h.t, h.send(sent), "after %q", sent)
}

// settle lets things happen and returns what came.
func (h *host) settle() string {
	synctest.Wait()
	return h.output()
}

func bubble(t *testing.T, name string, fn func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, fn) })
}

func TestDataMode(t *testing.T) {
	limit := 32 * time.Millisecond
	for _, dialect := range []string{"serial-modem", "serial-modem-main"} {
		bubble(t, dialect+"/a pause sends", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.quiet(`Hello, "world",`)
			require.Empty(t, f.got())
			time.Sleep(limit - 1)
			h.quiet("\x00\x08\r\n") // starts the time anew
			time.Sleep(limit - 1)
			require.Empty(t, f.got())
			time.Sleep(time.Nanosecond)
			require.Equal(t, []string{"Hello, \"world\",\x00\x08\r\n"}, f.got())
			h.quiet("more")
			h.expectRaw("+++", left)
			require.Equal(t, []string{"more"}, f.got())
			h.expect("AT", ok)
		})
		bubble(t, dialect+"/nothing sent", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.expectRaw("+++", left)
			require.Empty(t, f.got())
		})
		bubble(t, dialect+"/AT input follows the terminator at once", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.expectRaw("a+++\r\nAT\r\n", left+ok)
			require.Equal(t, []string{"a"}, f.got())
		})
		bubble(t, dialect+"/no terminator", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.quiet("data++more+x++y")
			time.Sleep(limit)
			require.Equal(t, []string{"data++more+x++y"}, f.got())
			h.quiet("a++") // the pause makes it data
			time.Sleep(limit)
			require.Equal(t, []string{"a++"}, f.got())
			h.quiet("++") // with nothing else it stays a beginning
			time.Sleep(10 * limit)
			require.Empty(t, f.got())
			h.expectRaw("+", left)
			require.Empty(t, f.got())
		})
		bubble(t, dialect+"/byte by byte", func(t *testing.T) {
			h, f := inData(t, dialect)
			for _, c := range "ab++c+" {
				h.quiet(string(c))
			}
			h.quiet("+")
			h.expectRaw("+", left)
			require.Equal(t, []string{"ab++c"}, f.got())
		})
		bubble(t, dialect+"/the stray LF is payload", func(t *testing.T) {
			h, f, start := virtual(t, dialect)
			start()
			h.expectRaw("AT#XSEND=0,2,0\r\n", ok)
			h.expectRaw("x+++", left)
			require.Equal(t, []string{"\nx"}, f.got())
		})
		bubble(t, dialect+"/counted", func(t *testing.T) {
			h, f, start := virtual(t, dialect)
			start()
			h.expect("AT#XSEND=0,2,0,11", ok)
			h.quiet("+++45")
			time.Sleep(limit)
			require.Equal(t, []string{"+++45"}, f.got())
			h.expectRaw("678901AT\r", left+ok)
			require.Equal(t, []string{"678901"}, f.got())
		})
		bubble(t, dialect+"/no echo, notifications wait", func(t *testing.T) {
			h, _, start := virtual(t, dialect)
			start()
			h.expect("ATE1", ok)
			h.expect("AT#XSEND=0,2,0", "AT#XSEND=0,2,0\r"+ok)
			h.quiet("abc")
			h.notify("+X: 1")
			require.Empty(t, h.settle())
			time.Sleep(time.Minute)
			require.Empty(t, h.settle())
			h.expectRaw("+++", left+"\r\n+X: 1\r\n")
		})
	}
}

func TestDataControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		start()
		h.expect("AT#XDATACTRL?", line("#XDATACTRL: 0,32"))
		h.expect("AT#XDATACTRL=31", refused)
		h.expect("AT#XDATACTRL=200", ok)
		h.expect("AT#XDATACTRL?", line("#XDATACTRL: 200,32"))
		h.expect("AT#XDATACTRL=?", line("#XDATACTRL=<time_limit>"))
		h.expect("AT#XSEND=0,2,0", ok)
		h.quiet("a")
		time.Sleep(199 * time.Millisecond)
		require.Empty(t, f.got())
		time.Sleep(time.Millisecond)
		require.Equal(t, []string{"a"}, f.got())
		h.expectRaw("+++", left)
		h.expect("AT+IPR=1000000", ok)
		h.expect("AT#XDATACTRL?", line("#XDATACTRL: 200,12"))
	})
	synctest.Test(t, func(t *testing.T) {
		h, _ := inData(t, "serial-modem")
		h.expectRaw("+++", left)
		h.expect("AT#XDATACTRL?", line("#XDATACTRL: 32,32"))
	})
}

// The buffer of 4,096 bytes goes out when it is full. While it does, nothing is
// taken from the host.
func TestDataModeBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		h.expect("AT#XSEND=0,2,0", ok)
		h.Lock()
		all := []byte(strings.Repeat("0123456789abcdef", 1024) + "+++")
		used := h.Receive(all)
		for range 10 {
			n := h.Receive(all[used:])
			used += n
		}
		require.Less(t, used, len(all))
		require.True(t, h.Busy())
		h.Unlock()
		start()
		for used < len(all) {
			synctest.Wait()
			h.Lock()
			require.False(t, h.Busy())
			n := h.Receive(all[used:])
			h.Unlock()
			require.Positive(t, n)
			used += n
		}
		require.Equal(t, string(all[:len(all)-3]), strings.Join(f.got(), ""))
		require.Equal(t, left, h.settle())
	})
}

func TestDataModeReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		start()
		h.expect("AT#XRECVCFG=0,2", ok)
		go io.WriteString(f, "before")
		require.Empty(t, h.settle()) // not in AT mode
		h.expect("AT#XSEND=0,2,0", ok+"before")
		go io.WriteString(f, "raw\r\n")
		require.Equal(t, "raw\r\n", h.settle())
		h.expect("+++", left)
	})
}

func TestDataModeEndsWithTheConnection(t *testing.T) {
	const failed = "\r\n#XDATAMODE: -1\r\n"
	bubble(t, "raw terminator", func(t *testing.T) {
		h, f := inData(t, "serial-modem")
		h.quiet("abc")
		f.Close()
		require.Equal(t, "+++", h.settle())
		time.Sleep(time.Second)
		h.quiet("dropped ++ and + ++")
		h.quiet(strings.Repeat("x", 100_000))
		h.expectRaw("+++", failed)
		h.expect("AT", ok)
	})
	bubble(t, "in the middle of a terminator", func(t *testing.T) {
		h, f := inData(t, "serial-modem")
		h.quiet("abc++")
		f.Close()
		require.Equal(t, "+++", h.settle())
		h.quiet("+")
		h.quiet("x")
		h.expectRaw("+++", failed)
	})
	bubble(t, "data first", func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		start()
		h.expect("AT#XRECVCFG=0,3", ok)
		h.expect("AT#XSEND=0,2,0", ok)
		go func() {
			io.WriteString(f, "last words")
			f.Close()
		}()
		require.Equal(t, "last words+++", h.settle())
		h.expectRaw("+++", failed)
	})
	bubble(t, "data first, however slow the host", func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		start()
		h.expect("AT#XRECVCFG=0,2", ok)
		h.expect("AT#XSEND=0,2,0", ok)
		congest := func(yes bool) {
			h.Lock()
			h.board.congested = yes
			h.Resume()
			h.Unlock()
		}
		congest(true)
		go func() {
			io.WriteString(f, "last words")
			f.Close()
		}()
		require.Empty(t, h.settle())
		congest(false)
		require.Equal(t, "last words+++", h.settle())
		h.expectRaw("+++", failed)
	})
	bubble(t, "dead before", func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		start()
		f.Close()
		synctest.Wait()
		h.expect("AT#XSEND=0,2,0", ok+"+++")
		h.expectRaw("+++", failed)
	})
	bubble(t, "counted", func(t *testing.T) {
		h, f, start := virtual(t, "serial-modem")
		start()
		h.expect("AT#XSEND=0,2,0,10", ok)
		h.quiet("abc")
		f.Close()
		require.Empty(t, h.settle())
		h.quiet("+++def") // nine so far
		h.expectRaw("g", failed)
	})
	bubble(t, "offline", func(t *testing.T) {
		h, _ := inData(t, "serial-modem")
		h.Lock()
		require.Zero(t, h.Cause())
		h.modem.Shutdown() // as a supply that fails
		h.board.engine.SetNetwork(0)
		h.Unlock()
		require.Equal(t, "+++", h.settle())
		h.expectRaw("+++", failed)
	})
	bubble(t, "the modem crashes", func(t *testing.T) {
		h, _ := inData(t, "serial-modem")
		h.Lock()
		h.ModemCrashed(4)
		h.Unlock()
		require.Equal(t, "+++", h.settle())
		h.expectRaw("+++", failed+"\r\n#XMODEM: FAULT,0x4,0x2c1b6\r\n")
	})
}

// A datagram is the whole buffer; what does not fit makes data mode fail, without
// a word before the host ends it.
func TestDataModeDatagrams(t *testing.T) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	_, port, err := net.SplitHostPort(c.LocalAddr().String())
	require.NoError(t, err)
	h := newHost(t, "serial-modem")
	h.expect("AT#XSOCKET=1,2,0", line("#XSOCKET: 0,2,17"))
	enter := fmt.Sprintf(`AT#XSENDTO=0,2,0,"127.0.0.1",%s`, port)
	for _, n := range []int{1, 1400, 4096} {
		h.expect(enter, ok)
		h.expectRaw(strings.Repeat("d", n)+"+++", left)
		buf := make([]byte, 8192)
		got, _, err := c.ReadFrom(buf)
		require.NoError(t, err)
		require.Equal(t, n, got)
	}
	h.expect(enter, ok)
	require.Empty(t, h.send(strings.Repeat("d", 4097)+"x"))
	h.expectRaw("+++", "\r\n#XDATAMODE: -1\r\n")
	h.expect(enter+",4097", ok)
	h.expectRaw(strings.Repeat("d", 4097), "\r\n#XDATAMODE: -1\r\n")
	h.expect("AT", ok)
}
