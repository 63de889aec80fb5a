package atcmd_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

// A peer is the device at the other end of an in-memory port.
type peer struct {
	conn   net.Conn
	answer func(line string) string // the bytes that answer a line

	mu   sync.Mutex
	seen []string
	idle chan struct{} // closed when the peer has stopped
}

// newClient returns a client and the peer behind its port. Both are stopped at
// the end of the test, which checks by that that neither hangs.
func newClient(t *testing.T, opts atcmd.ClientOptions, answer func(line string) string) (*atcmd.Client, *peer) {
	t.Helper()
	host, dev := net.Pipe()
	p := &peer{conn: dev, answer: answer, idle: make(chan struct{})}
	go p.serve(opts.Terminator)
	c := atcmd.NewClient(host, opts)
	t.Cleanup(func() {
		require.NoError(t, c.Close())
		<-p.idle
	})
	return c, p
}

func (p *peer) serve(term atcmd.Terminator) {
	defer close(p.idle)
	f := atcmd.NewFramer(atcmd.Framing{Terminator: term, Limit: 1 << 20})
	buf := make([]byte, 64)
	for {
		n, err := p.conn.Read(buf)
		if err != nil {
			return
		}
		for in := buf[:n]; len(in) > 0; {
			used, line, _ := f.Next(in)
			in = in[used:]
			if line == nil {
				continue
			}
			p.mu.Lock()
			p.seen = append(p.seen, string(line))
			p.mu.Unlock()
			p.send(p.answer(string(line)))
		}
	}
}

func (p *peer) send(text string) { _, _ = io.WriteString(p.conn, text) }

func (p *peer) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.seen...)
}

// notes collects notifications.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

func (n *notes) get() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.lines...)
}

const (
	digest = "2C43952EE9E000FF2ACC4E2ED0897C0A72AD5FA72C3D934E81741CBD54F05BD1"
	pem    = "-----BEGIN CERTIFICATE-----\nMIIB\r\nOK\r\nERROR\n\n+CEREG: 1\n-----END CERTIFICATE-----\n"
)

func TestClientAnswers(t *testing.T) {
	for _, test := range []struct {
		name    string
		command string
		wire    string // what the device sends
		lines   []string
		err     string
		notes   []string
	}{
		{name: "OK", command: "AT", wire: "OK\r\n"},
		{name: "OK in Serial Modem's layout", command: "AT", wire: "\r\nOK\r\n"},
		{name: "one line", command: "AT+CFUN?", wire: "+CFUN: 4\r\nOK\r\n", lines: []string{"+CFUN: 4"}},
		{name: "one line of Serial Modem", command: "AT+CFUN?", wire: "\r\n+CFUN: 4\r\n\r\nOK\r\n", lines: []string{"+CFUN: 4"}},
		{name: "a list", command: "AT%CMNG=1", wire: "\r\n%CMNG: 1,0,\"A\"\r\n%CMNG: 1,1,\"B\"\r\n\r\nOK\r\n", lines: []string{`%CMNG: 1,0,"A"`, `%CMNG: 1,1,"B"`}},
		{name: "text without a name", command: "AT+CGMR", wire: "mfw_nrf91x1_2.0.2\r\nOK\r\n", lines: []string{"mfw_nrf91x1_2.0.2"}},
		{name: "commands listed", command: "AT#XCLAC", wire: "\r\nAT#XSMVER\r\nAT#XCLAC\r\n\r\nOK\r\n", lines: []string{"AT#XSMVER", "AT#XCLAC"}},
		{name: "lower case", command: "at+cfun?", wire: "+CFUN: 4\r\nOK\r\n", lines: []string{"+CFUN: 4"}},
		{name: "a certificate is one line", command: "AT%CMNG=2,24,0", wire: "\r\n%CMNG: 24,0,\"" + digest + "\",\"" + pem + "\"\r\n\r\nOK\r\n", lines: []string{`%CMNG: 24,0,"` + digest + `","` + pem + `"`}},
		{name: "ERROR", command: "AT+X", wire: "\r\nERROR\r\n", err: "ERROR: the device's answer to AT+X (bare form, 0 parameters)"},
		{name: "CME", command: "AT%CMNG=2,24,2", wire: "+CME ERROR: 514\r\n", err: "+CME ERROR: 514: the device's answer to AT%CMNG (set form, 3 parameters)"},
		{name: "CMS", command: "AT+CMGS=1", wire: "+CMS ERROR: 310\r\n", err: "+CMS ERROR: 310: the device's answer to AT+CMGS (set form, 1 parameters)"},

		{name: "notification before the answer", command: "AT+CFUN?", wire: "+CEREG: 2\r\n+CFUN: 1\r\nOK\r\n", lines: []string{"+CFUN: 1"}, notes: []string{"+CEREG: 2"}},
		{name: "notification inside the answer", command: "AT%CMNG=1", wire: "%CMNG: 1,0,\"A\"\r\n%XSIM: 1\r\n%CMNG: 1,1,\"B\"\r\nOK\r\n", lines: []string{`%CMNG: 1,0,"A"`, `%CMNG: 1,1,"B"`}, notes: []string{"%XSIM: 1"}},
		{name: "longer name, same beginning", command: "AT+CIN?", wire: "+CIND: \"service\",1\r\n+CIN: 1\r\nOK\r\n", lines: []string{"+CIN: 1"}, notes: []string{`+CIND: "service",1`}},
		{name: "banner", command: "AT", wire: "Ready\r\n\r\nOK\r\n", notes: []string{"Ready"}},
		{name: "a set command that subscribes", command: "AT+CEREG=5", wire: "+CEREG: 2\r\nOK\r\n", notes: []string{"+CEREG: 2"}},
		{name: "a read with a notification of its own name", command: "AT+CEREG?", wire: "+CEREG: 1\r\n+CEREG: 1,1\r\nOK\r\n", lines: []string{"+CEREG: 1,1"}, notes: []string{"+CEREG: 1"}},
		{name: "a second command after a semicolon", command: `AT%XSUDO=1,"s";%CMNG=1`, wire: "%CMNG: 1,0,\"A\"\r\nOK\r\n", lines: []string{`%CMNG: 1,0,"A"`}},

		{name: "echo", command: "AT+CFUN?", wire: "AT+CFUN?\r\r\n+CFUN: 4\r\n\r\nOK\r\n", lines: []string{"+CFUN: 4"}},
		{name: "echo of AT", command: "AT", wire: "AT\r\r\nOK\r\n"},
		{name: "echo with a late LF", command: "AT+CFUN?", wire: "\nAT+CFUN?\r\r\n+CFUN: 4\r\n\r\nOK\r\n\n", lines: []string{"+CFUN: 4"}},
		{name: "echo of several lines", command: "AT%CMNG=0,24,0,\"" + pem + "\"", wire: "AT%CMNG=0,24,0,\"" + pem + "\"\r\r\nOK\r\n"},
		{name: "notification, then echo", command: "AT+CFUN?", wire: "\r\n+CEREG: 1\r\nAT+CFUN?\r\r\n+CFUN: 4\r\n\r\nOK\r\n", lines: []string{"+CFUN: 4"}, notes: []string{"+CEREG: 1"}},
		{name: "what is no echo stays", command: "AT#XCLAC", wire: "AT#XCLOSE\r\nAT#XCLAC\r\nOK\r\n", lines: []string{"AT#XCLOSE", "AT#XCLAC"}},
		{name: "an echo cut at 4096", command: "AT+X=" + strings.Repeat("x", 5000), wire: "AT+X=" + strings.Repeat("x", 4090) + "\r\r\nOK\r\n"},
		{name: "noise and NUL", command: "AT", wire: "\x00\r\n\x00OK\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1 << 16, 1, 7} { // in one piece, byte by byte, in between
				var (
					n    notes
					p    *peer
					c    *atcmd.Client
					sent bool
				)
				c, p = newClient(t, atcmd.ClientOptions{OnNotification: n.add}, func(string) string {
					if sent {
						return "OK\r\n"
					}
					sent = true
					for out := test.wire; out != ""; {
						k := min(size, len(out))
						p.send(out[:k])
						out = out[k:]
					}
					return ""
				})
				answer, err := c.Do(t.Context(), test.command)
				if test.err == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, test.err)
					e, ok := errors.AsType[*atcmd.Error](err)
					require.True(t, ok)
					require.Equal(t, answer.Result, e.Result)
				}
				if diff := cmp.Diff(test.lines, answer.Lines); diff != "" {
					t.Fatalf("in pieces of %d (-want +got):\n%s", size, diff)
				}
				require.Equal(t, test.notes, n.get())
				require.Equal(t, []string{test.command}, p.lines())
				_, err = c.Do(t.Context(), "AT") // in step
				require.NoError(t, err)
				require.Equal(t, test.notes, n.get())
			}
		})
	}
}

func TestClientRefusesUnsendableLines(t *testing.T) {
	c, p := newClient(t, atcmd.ClientOptions{}, func(string) string { return "OK\r\n" })
	for line, reason := range map[string]string{
		"":              "does not begin with AT",
		"+CFUN?":        "does not begin with AT",
		`AT+X="a`:       "leaves a quoted string open",
		"AT\rAT":        "line end outside quotes",
		"AT\n":          "line end outside quotes",
		"AT+X=\"\x00\"": "control character 0x00",
		"AT+X=\"\b\"":   "control character 0x08",
		"AT\x7f":        "control character 0x7f",
	} {
		_, err := c.Do(t.Context(), line)
		require.ErrorContains(t, err, reason)
		require.NotContains(t, err.Error(), "+X=")
	}
	require.Empty(t, p.lines())
	_, err := c.Do(t.Context(), "ATD*99#") // whatever else is for the device to judge
	require.NoError(t, err)
}

func TestClientTerminators(t *testing.T) {
	for _, term := range []atcmd.Terminator{atcmd.TerminatorCR, atcmd.TerminatorLF, atcmd.TerminatorCRLF, atcmd.TerminatorNUL} {
		c, p := newClient(t, atcmd.ClientOptions{Terminator: term}, func(line string) string {
			return line + term.Bytes() + "\r\nOK\r\n" // with an echo
		})
		for range 3 {
			answer, err := c.Do(t.Context(), "AT+CMEE=1")
			require.NoError(t, err)
			require.Empty(t, answer.Lines)
		}
		require.Equal(t, []string{"AT+CMEE=1", "AT+CMEE=1", "AT+CMEE=1"}, p.lines())
	}
}

func TestClientHandsOutNotificationsWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n notes
		c, p := newClient(t, atcmd.ClientOptions{OnNotification: n.add}, func(string) string { return "OK\r\n" })
		// An odd quote in a notification must not swallow the lines after it, and a
		// final result that nobody waits for is dropped.
		p.send("Ready\r\n\r\n+CEREG: 2,\"0901\r\n\r\n%XSIM: 1\r\nERROR\r\n\r\n+CE")
		synctest.Wait()
		require.Equal(t, []string{"Ready", `+CEREG: 2,"0901`, "%XSIM: 1"}, n.get())
		p.send("REG: 1\r\n")
		_, err := c.Do(t.Context(), "AT")
		require.NoError(t, err)
		require.Equal(t, []string{"Ready", `+CEREG: 2,"0901`, "%XSIM: 1", "+CEREG: 1"}, n.get())
	})
}

func TestClientTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, atcmd.ClientOptions{}, func(string) string { return "" })
		start := time.Now()
		_, err := c.Do(t.Context(), `AT%CMNG=0,24,2,"secret"`)
		require.EqualError(t, err, "AT%CMNG: no final result: context deadline exceeded")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 15*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start = time.Now()
		_, err = c.Do(ctx, "AT")
		require.ErrorContains(t, err, "does not answer AT+CMEE?")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestClientIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, atcmd.ClientOptions{}, func(string) string { return "" })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := c.Do(ctx, "AT+COPS=?")
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(start))
	})
}

// A device that is slow with one command and queues what comes meanwhile, as
// Serial Modem does.
func TestClientDoesNotTakeALateAnswerForTheNext(t *testing.T) {
	for _, delay := range []time.Duration{2 * time.Second, 4 * time.Second, 9 * time.Second, 11 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n notes
				c, p := newClient(t, atcmd.ClientOptions{OnNotification: n.add}, func(line string) string {
					switch line {
					case "AT%CMNG=2,24,0":
						time.Sleep(delay)
						return `%CMNG: 24,0,"` + digest + `","` + pem + "\"\r\nOK\r\n"
					case "AT+CMEE?":
						return "+CMEE: 0\r\nOK\r\n"
					case "AT+CGMR":
						return "mfw_nrf91x1_2.0.2\r\nOK\r\n"
					}
					return "ERROR\r\n"
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := c.Do(ctx, "AT%CMNG=2,24,0")
				require.ErrorIs(t, err, context.DeadlineExceeded)
				answer, err := c.Do(t.Context(), "AT+CGMR")
				require.NoError(t, err)
				require.Equal(t, []string{"mfw_nrf91x1_2.0.2"}, answer.Lines)
				_, err = c.Do(t.Context(), "AT+WRONG")
				require.EqualError(t, err, "ERROR: the device's answer to AT+WRONG (bare form, 0 parameters)")
				require.Empty(t, n.get(), "a late answer is not a notification")
				require.Equal(t, "AT+WRONG", last(p.lines()))
			})
		})
	}
}

// When the late answer has come before the next command, nothing needs asking.
func TestClientIsInStepAfterALateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := newClient(t, atcmd.ClientOptions{}, func(line string) string {
			if line == "AT+CFUN=0" {
				time.Sleep(2 * time.Second)
			}
			return "OK\r\n"
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, "AT+CFUN=0")
		require.Error(t, err)
		time.Sleep(3 * time.Second)
		_, err = c.Do(t.Context(), "AT")
		require.NoError(t, err)
		require.Equal(t, []string{"AT+CFUN=0", "AT"}, p.lines())
	})
}

// A device that loses what it receives while it executes a command, as the AT
// Client sample does, and one that never answers the first command.
func TestClientSynchronisesWithADeviceThatLosesCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy atomic.Bool
		busy.Store(true)
		time.AfterFunc(5*time.Second, func() { busy.Store(false) })
		asked := 0
		c, _ := newClient(t, atcmd.ClientOptions{}, func(line string) string {
			switch {
			case busy.Load():
				return ""
			case line == "AT+CMEE?":
				asked++
				return "\r\n+CMEE: 1\r\n\r\nOK\r\n"
			default:
				return "\r\nOK\r\n"
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, "AT+CFUN=4")
		require.Error(t, err)
		_, err = c.Do(t.Context(), "AT+CFUN=1")
		require.NoError(t, err)
		require.Equal(t, 1, asked)
	})
}

// Another program was killed after half a line, and before it had the answer to
// the line before.
func TestClientSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n notes
		half := "AT+CF"
		c, p := newClient(t, atcmd.ClientOptions{OnNotification: n.add}, func(line string) string {
			line, half = half+line, ""
			if line == "AT+CMEE?" {
				return "+CMEE: 0\r\nOK\r\n"
			}
			return "ERROR\r\n"
		})
		time.AfterFunc(100*time.Millisecond, func() { p.send("mfw\r\nOK\r\n+CEREG: 1\r\n") })
		require.NoError(t, c.Sync(t.Context()))
		_, err := c.Do(t.Context(), "AT+X")
		require.Error(t, err)
		require.Equal(t, []string{"AT+CMEE?", "AT+CMEE?", "AT+X"}, p.lines())
		require.Equal(t, []string{"+CEREG: 1"}, n.get())
	})
}

// The late answer breaks off inside a quoted string and never goes on: the string
// must not swallow what comes after it.
func TestClientForgetsAnAnswerThatBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, atcmd.ClientOptions{Timeout: 5 * time.Second}, func(line string) string {
			switch line {
			case "AT%CMNG=2,24,0":
				return `%CMNG: 24,0,"` + digest + `","-----BEGIN CERT`
			case "AT+CMEE?":
				return "\r\n+CMEE: 0\r\n\r\nOK\r\n"
			}
			return "\r\nOK\r\n"
		})
		_, err := c.Do(t.Context(), "AT%CMNG=2,24,0")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = c.Do(t.Context(), "AT")
		require.NoError(t, err)
	})
}

// An earlier question is answered after a later one was: until that has stopped
// the client is not in step.
func TestClientWaitsForTheAnswersToAllItsQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := newClient(t, atcmd.ClientOptions{Timeout: 20 * time.Second}, nil)
		asked := 0
		p.answer = func(line string) string {
			if line != "AT+CMEE?" {
				return "ERROR\r\n"
			}
			if asked++; asked == 2 { // both at once, a while apart
				time.AfterFunc(200*time.Millisecond, func() { p.send("+CMEE: 0\r\nOK\r\n") })
				return "+CMEE: 0\r\nOK\r\n"
			}
			return ""
		}
		start := time.Now()
		require.NoError(t, c.Sync(t.Context()))
		require.GreaterOrEqual(t, time.Since(start), 1450*time.Millisecond)
		_, err := c.Do(t.Context(), "AT+X")
		require.EqualError(t, err, "ERROR: the device's answer to AT+X (bare form, 0 parameters)")
	})
}

// A port whose other end does not read: even then the context ends the command,
// and Close ends the client.
func TestClientOnABlockedPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, dev := net.Pipe()
		c := atcmd.NewClient(host, atcmd.ClientOptions{Timeout: time.Second})
		_, err := c.Do(t.Context(), "AT")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = c.Do(t.Context(), "AT")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, c.Close())
		require.NoError(t, dev.Close())
		_, err = c.Do(t.Context(), "AT")
		require.ErrorIs(t, err, atcmd.ErrClosed)
		require.ErrorIs(t, c.Sync(t.Context()), atcmd.ErrClosed)
	})
}

func TestClientCloseEndsACommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, atcmd.ClientOptions{}, func(string) string { return "" })
		time.AfterFunc(time.Second, func() { _ = c.Close() })
		_, err := c.Do(t.Context(), "AT")
		require.ErrorIs(t, err, atcmd.ErrClosed)
	})
}

func TestClientWhenThePortGoesAway(t *testing.T) {
	c, p := newClient(t, atcmd.ClientOptions{}, nil)
	p.answer = func(string) string { _ = p.conn.Close(); return "" }
	_, err := c.Do(t.Context(), "AT")
	require.ErrorContains(t, err, "the other end closed the port")
	require.ErrorIs(t, err, io.EOF)
	_, err = c.Do(t.Context(), "AT")
	require.ErrorIs(t, err, io.EOF)
}

// Commands of many goroutines take turns.
func TestClientTakesTurns(t *testing.T) {
	c, p := newClient(t, atcmd.ClientOptions{}, func(line string) string {
		return strings.TrimPrefix(line, "AT") + ": 1\r\nOK\r\n"
	})
	var wg sync.WaitGroup
	for _, name := range []string{"+A", "+B", "+C", "+D"} {
		wg.Go(func() {
			for range 20 {
				answer, err := c.Do(t.Context(), "AT"+name)
				if err != nil || len(answer.Lines) != 1 || answer.Lines[0] != name+": 1" {
					t.Errorf("%s: %q, %v", name, answer.Lines, err)
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, p.lines(), 80)
}

func TestClientBoundsAnswers(t *testing.T) {
	for name, flood := range map[string]string{
		"one line":       "+X: " + strings.Repeat("x", 5000) + "\r\n",
		"an open quote":  "+X: \"" + strings.Repeat("x", 5000) + "\r\n",
		"lines":          strings.Repeat("+X: 0123456789\r\n", 500),
		"no line at all": strings.Repeat("x", 5000) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(t, atcmd.ClientOptions{MaxAnswer: 1000}, func(line string) string {
				if line == "AT+X" {
					return flood + "OK\r\n"
				}
				return "OK\r\n"
			})
			answer, err := c.Do(t.Context(), "AT+X")
			require.EqualError(t, err, "AT+X: the answer is longer than 1000 bytes")
			require.LessOrEqual(t, len(strings.Join(answer.Lines, "")), 1000)
			_, err = c.Do(t.Context(), "AT")
			require.NoError(t, err)
		})
	}
}

// A pausingPort returns from each Read with nothing at first, as a serial port
// with a read time-out does.
type pausingPort struct {
	io.ReadWriteCloser
	reads int
}

func (p *pausingPort) Read(b []byte) (int, error) {
	if p.reads++; p.reads%3 != 0 {
		return 0, nil
	}
	return p.ReadWriteCloser.Read(b)
}

func TestClientOnAPortWithReadTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, dev := net.Pipe()
		p := &peer{conn: dev, answer: func(string) string { return "\r\nOK\r\n" }, idle: make(chan struct{})}
		go p.serve(atcmd.TerminatorCR)
		start := time.Now()
		c := atcmd.NewClient(&pausingPort{ReadWriteCloser: host}, atcmd.ClientOptions{})
		for range 5 {
			_, err := c.Do(t.Context(), "AT")
			require.NoError(t, err)
		}
		require.Positive(t, time.Since(start), "it pauses between reads that return at once")
		require.NoError(t, c.Close())
		<-p.idle
	})
}

// FuzzClient holds that nothing a device sends makes the client panic, hang or
// keep more than it should.
func FuzzClient(f *testing.F) {
	f.Add("AT+CFUN?", []byte("\r\n+CFUN: 1\r\n\r\nOK\r\n"))
	f.Add("AT%CMNG=2,24,0", []byte(`%CMNG: 24,0,"`+digest+`","`+pem+"\"\r\nOK\r\n"))
	f.Add("AT", []byte("AT\rAT\rATAT\r\r\n\"\nOK\n"))
	f.Fuzz(func(t *testing.T, command string, wire []byte) {
		synctest.Test(t, func(t *testing.T) {
			c, p := newClient(t, atcmd.ClientOptions{MaxAnswer: 500, Timeout: time.Second}, func(string) string { return string(wire) })
			for range 2 {
				answer, err := c.Do(t.Context(), command)
				size := 0
				for _, line := range answer.Lines {
					require.NotEmpty(t, line)
					size += len(line)
				}
				require.LessOrEqual(t, size, 500)
				if err == nil {
					require.True(t, answer.Result.OK())
				}
			}
			require.LessOrEqual(t, len(p.lines()), 5)
		})
	})
}
