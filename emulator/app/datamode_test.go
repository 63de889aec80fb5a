package app_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/apptest"
)

// inData returns a host in data mode.
func inData(t *testing.T, dialect string) (*apptest.Host, *apptest.Far) {
	h, f, start := apptest.NewVirtual(t, dialect)
	start()
	h.Expect("AT#XSEND=0,2,0", apptest.OK)
	return h, f
}

func TestDataMode(t *testing.T) {
	limit := 32 * time.Millisecond
	for _, dialect := range []string{"serial-modem", "serial-modem-main"} {
		apptest.Bubble(t, dialect+"/a pause sends", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.Quiet(`Hello, "world",`)
			require.Empty(t, f.Got())
			time.Sleep(limit - 1)
			h.Quiet("\x00\x08\r\n") // starts the time anew
			time.Sleep(limit - 1)
			require.Empty(t, f.Got())
			time.Sleep(time.Nanosecond)
			require.Equal(t, []string{"Hello, \"world\",\x00\x08\r\n"}, f.Got())
			h.Quiet("more")
			h.ExpectRaw("+++", apptest.Left)
			require.Equal(t, []string{"more"}, f.Got())
			h.Expect("AT", apptest.OK)
		})
		apptest.Bubble(t, dialect+"/nothing sent", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.ExpectRaw("+++", apptest.Left)
			require.Empty(t, f.Got())
		})
		apptest.Bubble(t, dialect+"/AT input follows the terminator at once", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.ExpectRaw("a+++\r\nAT\r\n", apptest.Left+apptest.OK)
			require.Equal(t, []string{"a"}, f.Got())
		})
		apptest.Bubble(t, dialect+"/no terminator", func(t *testing.T) {
			h, f := inData(t, dialect)
			h.Quiet("data++more+x++y")
			time.Sleep(limit)
			require.Equal(t, []string{"data++more+x++y"}, f.Got())
			h.Quiet("a++") // the pause makes it data
			time.Sleep(limit)
			require.Equal(t, []string{"a++"}, f.Got())
			h.Quiet("++") // with nothing else it stays a beginning
			time.Sleep(10 * limit)
			require.Empty(t, f.Got())
			h.ExpectRaw("+", apptest.Left)
			require.Empty(t, f.Got())
		})
		apptest.Bubble(t, dialect+"/byte by byte", func(t *testing.T) {
			h, f := inData(t, dialect)
			for _, c := range "ab++c+" {
				h.Quiet(string(c))
			}
			h.Quiet("+")
			h.ExpectRaw("+", apptest.Left)
			require.Equal(t, []string{"ab++c"}, f.Got())
		})
		apptest.Bubble(t, dialect+"/the stray LF is payload", func(t *testing.T) {
			h, f, start := apptest.NewVirtual(t, dialect)
			start()
			h.ExpectRaw("AT#XSEND=0,2,0\r\n", apptest.OK)
			h.ExpectRaw("x+++", apptest.Left)
			require.Equal(t, []string{"\nx"}, f.Got())
		})
		apptest.Bubble(t, dialect+"/counted", func(t *testing.T) {
			h, f, start := apptest.NewVirtual(t, dialect)
			start()
			h.Expect("AT#XSEND=0,2,0,11", apptest.OK)
			h.Quiet("+++45")
			time.Sleep(limit)
			require.Equal(t, []string{"+++45"}, f.Got())
			h.ExpectRaw("678901AT\r", apptest.Left+apptest.OK)
			require.Equal(t, []string{"678901"}, f.Got())
		})
		apptest.Bubble(t, dialect+"/no echo, notifications wait", func(t *testing.T) {
			h, _, start := apptest.NewVirtual(t, dialect)
			start()
			h.Expect("ATE1", apptest.OK)
			h.Expect("AT#XSEND=0,2,0", "AT#XSEND=0,2,0\r"+apptest.OK)
			h.Quiet("abc")
			h.Unsolicited("+X: 1")
			require.Empty(t, h.Settle())
			time.Sleep(time.Minute)
			require.Empty(t, h.Settle())
			h.ExpectRaw("+++", apptest.Left+"\r\n+X: 1\r\n")
		})
	}
}

func TestDataControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		start()
		h.Expect("AT#XDATACTRL?", apptest.Line("#XDATACTRL: 0,32"))
		h.Expect("AT#XDATACTRL=31", apptest.Refused)
		h.Expect("AT#XDATACTRL=200", apptest.OK)
		h.Expect("AT#XDATACTRL?", apptest.Line("#XDATACTRL: 200,32"))
		h.Expect("AT#XDATACTRL=?", apptest.Line("#XDATACTRL=<time_limit>"))
		h.Expect("AT#XSEND=0,2,0", apptest.OK)
		h.Quiet("a")
		time.Sleep(199 * time.Millisecond)
		require.Empty(t, f.Got())
		time.Sleep(time.Millisecond)
		require.Equal(t, []string{"a"}, f.Got())
		h.ExpectRaw("+++", apptest.Left)
		h.Expect("AT+IPR=1000000", apptest.OK)
		h.Expect("AT#XDATACTRL?", apptest.Line("#XDATACTRL: 200,12"))
	})
	synctest.Test(t, func(t *testing.T) {
		h, _ := inData(t, "serial-modem")
		h.ExpectRaw("+++", apptest.Left)
		h.Expect("AT#XDATACTRL?", apptest.Line("#XDATACTRL: 32,32"))
	})
}

// The buffer of 4,096 bytes goes out when it is full. While it does, nothing is
// taken from the host.
func TestDataModeBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		h.Expect("AT#XSEND=0,2,0", apptest.OK)
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
		require.Equal(t, string(all[:len(all)-3]), strings.Join(f.Got(), ""))
		require.Equal(t, apptest.Left, h.Settle())
	})
}

func TestDataModeReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		start()
		h.Expect("AT#XRECVCFG=0,2", apptest.OK)
		go io.WriteString(f, "before")
		require.Empty(t, h.Settle()) // not in AT mode
		h.Expect("AT#XSEND=0,2,0", apptest.OK+"before")
		go io.WriteString(f, "raw\r\n")
		require.Equal(t, "raw\r\n", h.Settle())
		h.Expect("+++", apptest.Left)
	})
}

func TestDataModeEndsWithTheConnection(t *testing.T) {
	const failed = "\r\n#XDATAMODE: -1\r\n"
	apptest.Bubble(t, "raw terminator", func(t *testing.T) {
		h, f := inData(t, "serial-modem")
		h.Quiet("abc")
		f.Close()
		require.Equal(t, "+++", h.Settle())
		time.Sleep(time.Second)
		h.Quiet("dropped ++ and + ++")
		h.Quiet(strings.Repeat("x", 100_000))
		h.ExpectRaw("+++", failed)
		h.Expect("AT", apptest.OK)
	})
	apptest.Bubble(t, "in the middle of a terminator", func(t *testing.T) {
		h, f := inData(t, "serial-modem")
		h.Quiet("abc++")
		f.Close()
		require.Equal(t, "+++", h.Settle())
		h.Quiet("+")
		h.Quiet("x")
		h.ExpectRaw("+++", failed)
	})
	apptest.Bubble(t, "data first", func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		start()
		h.Expect("AT#XRECVCFG=0,3", apptest.OK)
		h.Expect("AT#XSEND=0,2,0", apptest.OK)
		go func() {
			io.WriteString(f, "last words")
			f.Close()
		}()
		require.Equal(t, "last words+++", h.Settle())
		h.ExpectRaw("+++", failed)
	})
	apptest.Bubble(t, "data first, however slow the host", func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		start()
		h.Expect("AT#XRECVCFG=0,2", apptest.OK)
		h.Expect("AT#XSEND=0,2,0", apptest.OK)
		congest := func(yes bool) {
			h.Lock()
			h.Board.Slow = yes
			h.Resume()
			h.Unlock()
		}
		congest(true)
		go func() {
			io.WriteString(f, "last words")
			f.Close()
		}()
		require.Empty(t, h.Settle())
		congest(false)
		require.Equal(t, "last words+++", h.Settle())
		h.ExpectRaw("+++", failed)
	})
	apptest.Bubble(t, "dead before", func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		start()
		f.Close()
		synctest.Wait()
		h.Expect("AT#XSEND=0,2,0", apptest.OK+"+++")
		h.ExpectRaw("+++", failed)
	})
	apptest.Bubble(t, "counted", func(t *testing.T) {
		h, f, start := apptest.NewVirtual(t, "serial-modem")
		start()
		h.Expect("AT#XSEND=0,2,0,10", apptest.OK)
		h.Quiet("abc")
		f.Close()
		require.Equal(t, "+++", h.Settle())
		h.Quiet("defghij and more") // counting is over
		h.ExpectRaw("+++", failed)
	})
	apptest.Bubble(t, "offline", func(t *testing.T) {
		h, _ := inData(t, "serial-modem")
		h.Lock()
		require.Zero(t, h.Cause())
		h.Modem.Shutdown() // as a supply that fails
		h.Board.Engine.SetNetwork(0)
		h.Unlock()
		require.Equal(t, "+++", h.Settle())
		h.ExpectRaw("+++", failed)
	})
	apptest.Bubble(t, "the modem crashes", func(t *testing.T) {
		h, _ := inData(t, "serial-modem")
		h.Lock()
		h.ModemCrashed(4)
		h.Unlock()
		require.Equal(t, "+++", h.Settle())
		h.ExpectRaw("+++", failed+"\r\n#XMODEM: FAULT,0x4,0x2c1b6\r\n")
	})
}

// A datagram is the whole buffer; what does not fit makes data mode fail.
func TestDataModeDatagrams(t *testing.T) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	_, port, err := net.SplitHostPort(c.LocalAddr().String())
	require.NoError(t, err)
	h := apptest.NewHost(t, "serial-modem")
	h.Expect("AT#XSOCKET=1,2,0", apptest.Line("#XSOCKET: 0,2,17"))
	enter := fmt.Sprintf(`AT#XSENDTO=0,2,0,"127.0.0.1",%s`, port)
	for _, n := range []int{1, 1400, 4096} {
		h.Expect(enter, apptest.OK)
		h.ExpectRaw(strings.Repeat("d", n)+"+++", apptest.Left)
		buf := make([]byte, 8192)
		got, _, err := c.ReadFrom(buf)
		require.NoError(t, err)
		require.Equal(t, n, got)
	}
	h.Expect(enter, apptest.OK)
	h.ExpectRaw(strings.Repeat("d", 4097)+"x", "+++")
	h.ExpectRaw("+++", "\r\n#XDATAMODE: -1\r\n")
	h.Expect(enter+",4097", apptest.OK)
	h.ExpectRaw(strings.Repeat("d", 4097), "+++")
	h.ExpectRaw("+++", "\r\n#XDATAMODE: -1\r\n")
	h.Expect("AT", apptest.OK)
}

// A send that fails makes data mode fail, and the host is told at once; if it is what
// ends data mode that sends, the end follows.
func TestDataModeCannotSend(t *testing.T) {
	const failed = "\r\n#XDATAMODE: -1\r\n"
	for _, dialect := range []string{"serial-modem", "serial-modem-main", "serial-modem-2.0"} {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
			h.Expect("AT#XSEND=0,2,0", apptest.OK)
			h.Quiet("to nobody")
			time.Sleep(time.Second)
			require.Equal(t, "+++", h.Settle())
			h.Quiet("dropped")
			h.ExpectRaw("+++", failed)
			h.Expect("AT#XSEND=0,2,0", apptest.OK)
			h.ExpectRaw("to nobody+++", "+++"+failed)
			h.Expect("AT#XSEND=0,2,0,4", apptest.OK)
			h.ExpectRaw("four", "+++"+failed)
			h.Expect("AT", apptest.OK)
		})
	}
}
