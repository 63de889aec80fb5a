package link

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// strategies runs a test with both kinds of system calls.
func strategies(t *testing.T, test func(t *testing.T, dedicated bool)) {
	for _, dedicated := range []bool{true, false} {
		name := "poller"
		if dedicated {
			name = "dedicated"
		}
		t.Run(name, func(t *testing.T) { test(t, dedicated) })
	}
}

func newPTY(t *testing.T, opts PTYOptions) *PTY {
	t.Helper()
	p, err := OpenPTY(opts)
	require.NoError(t, err)
	t.Cleanup(func() { p.Close() })
	return p
}

// openHost opens the port as a host does that sets no modes.
func openHost(t *testing.T, path string) *os.File {
	t.Helper()
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	require.NoError(t, err)
	f := os.NewFile(uintptr(fd), path)
	t.Cleanup(func() { f.Close() })
	require.NoError(t, f.SetDeadline(time.Now().Add(patience)))
	return f
}

// requireDetached waits until the port has noticed that its host is gone.
func requireDetached(t *testing.T, p *PTY) {
	t.Helper()
	require.Eventually(t, func() bool { return !p.Attached() }, patience, time.Millisecond)
}

// queued returns how many bytes wait for the host, without taking them.
func queued(t *testing.T, p *PTY) int {
	t.Helper()
	p.holding.Lock()
	defer p.holding.Unlock()
	_, err := unix.Poll([]unix.PollFd{{Fd: int32(p.slave), Events: unix.POLLIN}}, 0) // moves them to the end
	require.NoError(t, err)
	n, err := unix.IoctlGetInt(p.slave, unix.TIOCINQ)
	require.NoError(t, err)
	return n
}

func TestPTYRoundTripsAndReopening(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		require.Equal(t, dedicated, p.Dedicated())
		require.Equal(t, p.Path(), p.Name())
		require.False(t, p.Attached())
		startEcho(t, p)
		for i := range 50 {
			host := openHost(t, p.Path())
			requireTrip(t, host, fmt.Sprintf("AT%d", i))
			require.True(t, p.Attached())
			requireTrip(t, host, "AT")
			require.NoError(t, host.Close())
		}
		requireDetached(t, p)
		require.Zero(t, p.Dropped())
	})
}

func TestPTYIsRaw(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		host := openHost(t, p.Path())
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		_, err := host.Write(all)
		require.NoError(t, err)
		got := make([]byte, 256)
		_, err = io.ReadFull(p, got)
		require.NoError(t, err)
		require.Equal(t, all, got)
		_, err = p.Write(all)
		require.NoError(t, err)
		_, err = io.ReadFull(host, got)
		require.NoError(t, err)
		require.Equal(t, all, got)
	})
}

func TestPTYKeepsBannerForFirstHost(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		_, err := io.WriteString(p, "Ready\r\n")
		require.NoError(t, err)
		requireRead(t, openHost(t, p.Path()), "Ready\r\n")
	})
}

func TestPTYBoundsWhatItKeeps(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		for range 3000 {
			n, err := io.WriteString(p, "URC 56\r\n")
			require.NoError(t, err)
			require.Equal(t, 8, n)
		}
		require.EqualValues(t, 3000*8-ptyChunk, p.Dropped())
		requireRead(t, openHost(t, p.Path()), strings.Repeat("URC 56\r\n", ptyChunk/8))
	})
}

func TestPTYDiscardsBetweenHosts(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		first := openHost(t, p.Path())
		_, err := io.WriteString(p, "not read by the first host")
		require.NoError(t, err)
		require.NoError(t, first.Close())
		requireDetached(t, p)
		for range 10000 {
			n, err := io.WriteString(p, "to nobody!")
			require.NoError(t, err)
			require.Equal(t, 10, n)
		}
		require.EqualValues(t, 100000, p.Dropped())
		second := openHost(t, p.Path())
		_, err = io.WriteString(p, "to the second host")
		require.NoError(t, err)
		requireRead(t, second, "to the second host")
	})
}

// What a host sent before it left is a command like any other.
func TestPTYKeepsWhatADepartedHostSent(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		host := openHost(t, p.Path())
		_, err := io.WriteString(host, "AT+CFUN=4\r")
		require.NoError(t, err)
		require.NoError(t, host.Close())
		requireDetached(t, p)
		requireRead(t, p, "AT+CFUN=4\r")
	})
}

// A host that opens the port again at once must get every answer, and nothing
// that was meant for an earlier one.
func TestPTYHostsInQuickSuccession(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		startEcho(t, p)
		for i := range 300 {
			host := openHost(t, p.Path())
			requireTrip(t, host, fmt.Sprint("AT", i))
			host.Close()
		}
	})
}

// Events of two hosts may be merged by the kernel; who is attached must not
// depend on counting them.
func TestPTYTwoHostsAtOnce(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		startEcho(t, p)
		for range 20 {
			one, two := openHost(t, p.Path()), openHost(t, p.Path())
			requireTrip(t, one, "one")
			one.Close()
			for range 5 {
				requireTrip(t, two, "two")
			}
			require.True(t, p.Attached())
			three := openHost(t, p.Path())
			two.Close()
			three.Close()
			requireDetached(t, p)
		}
	})
}

func TestPTYExclusiveModeOfALivingHostIsKept(t *testing.T) {
	p := newPTY(t, PTYOptions{})
	one, two := openHost(t, p.Path()), openHost(t, p.Path())
	p.holding.Lock()
	require.NoError(t, unix.IoctlSetInt(p.slave, unix.TIOCEXCL, 0))
	p.holding.Unlock()
	one.Close()
	require.True(t, p.Attached())
	require.False(t, p.vacant(true))
	require.True(t, exclusive(t, p))
	two.Close()
	requireDetached(t, p)
	require.False(t, exclusive(t, p))
}

func exclusive(t *testing.T, p *PTY) bool {
	t.Helper()
	p.holding.Lock()
	defer p.holding.Unlock()
	on, err := unix.IoctlGetInt(p.slave, unix.TIOCGEXCL)
	require.NoError(t, err)
	return on != 0
}

func TestPTYAfterAHostWasKilled(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		startEcho(t, p)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childEnv+"="+p.Path())
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "ready\n", line)
		require.True(t, exclusive(t, p))
		require.True(t, p.Attached())

		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait())
		requireDetached(t, p)
		require.Eventually(t, func() bool { return !exclusive(t, p) }, patience, time.Millisecond)
		mode, err := unix.IoctlGetTermios(p.master, unix.TCGETS)
		require.NoError(t, err)
		require.Equal(t, p.raw, *mode)
		requireTrip(t, openHost(t, p.Path()), "AT")
	})
}

// A host can open the port in the instant in which nothing is watched.
func TestPTYFindsAHostThatTheWatchMissed(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		startEcho(t, p)
		for range 3 {
			host := openHost(t, p.Path())
			requireTrip(t, host, "AT")
			host.Close()
			requireDetached(t, p)
			_, err := io.WriteString(p, "to nobody")
			require.NoError(t, err)
			p.watch.mask(p, watchNothing)
			host = openHost(t, p.Path())
			p.watch.mask(p, watchAll)
			require.False(t, p.Attached())
			requireTrip(t, host, "AT")
			require.True(t, p.Attached())
			host.Close()
			requireDetached(t, p)
		}
	})
}

// Read goes on when our own descriptor of the other end had to be opened again.
func TestPTYReadReopens(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		p.holding.Lock()
		require.NoError(t, unix.Close(p.slave))
		p.slave = -1
		p.holding.Unlock()
		startEcho(t, p)
		requireTrip(t, openHost(t, p.Path()), "AT")
	})
}

// A host that does not read blocks the modem, until it goes.
func TestPTYWriteBlockedByAHostThatLeaves(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		host := openHost(t, p.Path())
		done := make(chan error, 1)
		go func() {
			_, err := p.Write(make([]byte, 1<<20))
			done <- err
		}()
		require.Eventually(t, func() bool { return queued(t, p) >= ptyChunk-1 }, patience, time.Millisecond)
		require.NoError(t, host.Close())
		require.NoError(t, waitFor(t, done))
		require.NotZero(t, p.Dropped())
		requireDetached(t, p)
		require.Eventually(t, func() bool { return queued(t, p) == 0 }, patience, time.Millisecond)
	})
}

func TestPTYCloseUnblocksRead(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		for _, withHost := range []bool{false, true} {
			p := newPTY(t, PTYOptions{Dedicated: dedicated})
			if withHost {
				host := openHost(t, p.Path())
				// A host may have stopped its output.
				require.NoError(t, unix.IoctlSetInt(int(host.Fd()), unix.TCXONC, unix.TCOOFF))
			}
			started, done := make(chan struct{}), make(chan error, 1)
			go func() {
				close(started)
				_, err := p.Read(make([]byte, 10))
				done <- err
			}()
			<-started
			require.NoError(t, p.Close())
			require.Equal(t, io.EOF, waitFor(t, done))
			require.NoError(t, p.Close())
			_, err := p.Read(make([]byte, 10))
			require.Equal(t, io.EOF, err)
			_, err = p.Write([]byte("x"))
			require.ErrorIs(t, err, os.ErrClosed)
			require.False(t, p.Attached())
			require.NoFileExists(t, p.Path())
		}
	})
}

func TestPTYCloseUnblocksWrite(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		openHost(t, p.Path())
		done := make(chan error, 1)
		go func() {
			_, err := p.Write(make([]byte, 1<<20))
			done <- err
		}()
		require.Eventually(t, func() bool { return queued(t, p) >= ptyChunk-1 }, patience, time.Millisecond)
		require.NoError(t, p.Close())
		require.ErrorIs(t, waitFor(t, done), os.ErrClosed)
	})
}

func TestPTYManyBytesBothWays(t *testing.T) {
	size := 100 << 20
	if testing.Short() || os.Getenv("LINK_LONG") == "" {
		size = 4 << 20
	}
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		host := openHost(t, p.Path())
		require.NoError(t, host.SetDeadline(time.Time{}))
		var all sync.WaitGroup
		for _, way := range []struct {
			from io.Writer
			to   io.Reader
		}{{p, host}, {host, p}} {
			all.Go(func() {
				sendPattern(way.from, size)
			})
			all.Go(func() {
				if err := checkPattern(way.to, size); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

// Opens and closes come while the modem writes on its own.
func TestPTYHostsComeAndGoDuringOutput(t *testing.T) {
	strategies(t, func(t *testing.T, dedicated bool) {
		p := newPTY(t, PTYOptions{Dedicated: dedicated})
		var done sync.WaitGroup
		done.Go(func() {
			for {
				if _, err := io.WriteString(p, "+CEREG: 5\r\n"); err != nil {
					return
				}
			}
		})
		done.Go(func() {
			buf := make([]byte, 100)
			for {
				if _, err := p.Read(buf); err != nil {
					return
				}
			}
		})
		for range 100 {
			host := openHost(t, p.Path())
			_, err := io.WriteString(host, "AT\r")
			require.NoError(t, err)
			_, err = io.ReadFull(host, make([]byte, 100))
			require.NoError(t, err)
			host.Close()
		}
		p.Close()
		done.Wait()
	})
}

func TestManyPTYs(t *testing.T) {
	const count = 200
	var ports []*PTY
	for range count {
		p := newPTY(t, PTYOptions{})
		startEcho(t, p)
		ports = append(ports, p)
	}
	for range 2 {
		var hosts []*os.File
		for _, p := range ports {
			hosts = append(hosts, openHost(t, p.Path()))
		}
		for i, h := range hosts {
			requireTrip(t, h, fmt.Sprint("AT", i))
		}
		for _, h := range hosts {
			h.Close()
		}
		for _, p := range ports {
			requireDetached(t, p)
		}
	}
}
