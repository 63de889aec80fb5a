package testvectors

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// play plays a script against a device that knows some answers.
func play(t *testing.T, l Layout, text string, m map[string]string) *Result {
	t.Helper()
	var r *Result
	synctest.Test(t, func(t *testing.T) {
		var err error
		r, err = Play(t.Context(), mustParse(t, text), newFake(t, l, answers(l, m)))
		require.NoError(t, err)
	})
	return r
}

func TestPlayReportsDifferences(t *testing.T) {
	for _, tt := range []struct {
		name, script, answer, want string
	}{
		{"same", "> C\n< +C: 1\n< OK\n", "+C: 1\r\nOK\r\n", "x.txt: ok (nrf9160-1.3.7, at-client)\n"},
		{"other value", "seen page 3\n> C\n< +C: 1\n< OK\n", "+C: 2\r\nOK\r\n",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:3: the answer differs (seen page 3)
    sent     "C\r"
    expected "+C: 1\r\n"
    got      "+C: 2\r\nOK\r\n"
`},
		{"line end", "> C\n< OK\n", "OK\n",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:2: the answer differs
    sent     "C\r"
    expected "OK\r\n"
    got      "OK\n"
`},
		{"cut off", "> C\n< OK\n", "O",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:2: the rest did not come within 5s
    sent     "C\r"
    expected "OK\r\n"
    got      "O"
`},
		{"nothing", "> C\n< {imei}\n", "",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:2: nothing came within 5s
    sent     "C\r"
    expected "{imei}\r\n"
    got      nothing
`},
		{"too much", "> C\n< OK\n", "OK\r\nOK\r\n",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:2: more came than expected
    sent     "C\r"
    expected nothing
    got      "OK\r\n"
`},
		{"not silent", "> C\nsilence 1s\n", "OK\r\n",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:2: something came in the silence
    sent     "C\r"
    expected nothing
    got      "OK\r\n"
`},
		{"shape", "> C\n< {a:[0-9]},{a}\n", "1,2\r\n",
			`x.txt: differs (nrf9160-1.3.7, at-client)
x.txt:2: the answer differs
    sent     "C\r"
    expected "{a:[0-9]},{a}\r\n"
    got      "1,2\r\n"
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := play(t, ATClient, tt.script, map[string]string{"C": tt.answer})
			if d := cmp.Diff(tt.want, r.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPlayLayout(t *testing.T) {
	const script = "> C\n< +C: 1\n< +C: 2\n< OK\nurc +D: 3\n> E\n< ERROR\n"
	r := play(t, SerialModem, script, map[string]string{
		"C": "\r\n+C: 1\r\n+C: 2\r\n\r\nOK\r\n\r\n+D: 3\r\n"})
	require.True(t, r.OK(), r)
	r = play(t, ATClient, script, map[string]string{"C": "+C: 1\r\n+C: 2\r\nOK\r\n+D: 3\r\n"})
	require.True(t, r.OK(), r)
	// An application's own lines each bring their blank line.
	r = play(t, SerialModem, "> C\n< #X: 1\n< #X: 2\n< OK\n", map[string]string{
		"C": "\r\n#X: 1\r\n\r\n#X: 2\r\n\r\nOK\r\n"})
	require.True(t, r.OK(), r)
}

func TestPlayRemembersValues(t *testing.T) {
	const script = "> C\n< {imei}\n< OK\n> D={imei}\n< OK\n"
	m := map[string]string{"C": "352656100367872\r\nOK\r\n", "D=352656100367872": "OK\r\n"}
	require.True(t, play(t, ATClient, script, m).OK())

	m["C"] = "ERROR\r\n"
	r := play(t, ATClient, script, m)
	require.Len(t, r.Differences, 1)
	require.Equal(t, 4, r.Skipped[0].Line, "a command whose value is missing ends the play")
}

func TestPlaySkips(t *testing.T) {
	r := play(t, ATClient, "device app=slm\n> C\n", nil)
	require.False(t, r.Played())
	r = play(t, ATClient, "device fresh sim=pin\n> C\n", nil)
	require.False(t, r.Played())
	require.Contains(t, r.Skipped[0].Reason, "fresh sim=pin")
	r = play(t, SerialModem20, "device profile=*\n> AT%xtime=1\n", nil)
	require.False(t, r.Played())
	require.Contains(t, r.Skipped[0].Reason, "serial-modem-2.0 takes AT%XTIME itself")
	r = play(t, ATClient, "> C\n< OK\nwear none\n> C\n< OK\npower cut\n> D\n< OK\n", map[string]string{"C": "OK\r\n"})
	require.True(t, r.OK(), r)
	require.Equal(t, []int{3, 6}, []int{r.Skipped[0].Line, r.Skipped[1].Line})
}

func TestPlayControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeControl{}
		target := newFake(t, ATClient, func(string) string {
			c.wear.Writes++
			c.wear.Programs += 300
			return "OK\r\n"
		})
		target.Control = c
		s := mustParse(t, "> C\n< OK\nwear +1 write\nwear none\n> C\n< OK\nwear +0 erase +299 program +1 write\npower cut\npower cycle\ncontrol sink low\n")
		r, err := Play(t.Context(), s, target)
		require.NoError(t, err)
		require.Len(t, r.Differences, 1)
		d := r.Differences[0]
		require.Equal(t, 7, d.Line)
		require.Equal(t, "+1 write +0 delete +0 flush +299 program +0 erase", d.Expected)
		require.Equal(t, "+1 write +0 delete +0 flush +300 program +0 erase", d.Got)
		require.Equal(t, []string{"cut", "cycle", "sink low"}, c.calls)
	})
}

func TestPlayTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, device := net.Pipe()
		port := NewPort(host)
		defer port.Close()
		defer device.Close()
		go func() {
			device.Read(make([]byte, 9))
			time.Sleep(20 * time.Second)
			device.Write([]byte("OK\r\n"))
		}()
		start := time.Now()
		r, err := Play(t.Context(), mustParse(t, "timeout 30s\n> C\nsilence 19s\n< OK\n"),
			Target{Port: port, Layout: ATClient})
		require.NoError(t, err)
		require.True(t, r.OK(), r)
		require.Less(t, time.Since(start), 21*time.Second)
	})
}

// Nothing that the other end does makes the player hang.
func TestPlayNeverHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustParse(t, "> C\n< OK\n")

		host, device := net.Pipe() // that nobody reads
		port := NewPort(host)
		_, err := Play(t.Context(), s, Target{Port: port, Layout: ATClient})
		require.ErrorContains(t, err, "x.txt:1: the port took no bytes for 5s")
		device.Close()
		_, err = Play(t.Context(), s, Target{Port: port, Layout: ATClient})
		require.ErrorIs(t, err, io.EOF)
		port.Close()

		target := newFake(t, ATClient, func(string) string { return "" })
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("enough"))
		_, err = Play(ctx, s, target)
		require.ErrorContains(t, err, "enough")

		flood := newFake(t, ATClient, func(string) string { return strings.Repeat("x", 3<<20) })
		r, err := Play(t.Context(), s, flood)
		require.NoError(t, err)
		require.False(t, r.OK())
	})
}

// A serial port with a read timeout returns nothing, without an error.
type idlePort struct{ reads chan []byte }

func (p *idlePort) Read(b []byte) (int, error) {
	select {
	case d := <-p.reads:
		return copy(b, d), nil
	default:
		return 0, nil
	}
}

func (p *idlePort) Write(b []byte) (int, error) {
	p.reads <- []byte("OK\r\n")
	return len(b), nil
}

func (p *idlePort) Close() error { return nil }

func TestPortWithReadTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := NewPort(&idlePort{make(chan []byte, 1)})
		r, err := Play(t.Context(), mustParse(t, "> C\n< OK\n"), Target{Port: port, Layout: ATClient})
		require.NoError(t, err)
		require.True(t, r.OK(), r)
		require.NoError(t, port.Close())
	})
}

// Steps that take long are told, each once; the others are not.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := newFake(t, ATClient, answers(ATClient, map[string]string{"C": "OK\r\n"}))
		told := make(chan string, 10)
		target.Waiting = func(what string) { told <- what }
		target.AnswerSecrets = func(text []byte) []Secret {
			if string(text) != "+K: 1" {
				return nil
			}
			return []Secret{{From: 4, To: 5}}
		}
		s := mustParse(t, "> C\n< OK\nwait 1s\nwait 2s\ntimeout 30s\nurc +C: 2\n> C\n< OK\nurc +K: 1\n")
		_, err := Play(t.Context(), s, target)
		require.NoError(t, err)
		synctest.Wait() // for those who tell
		var all []string
		for len(told) > 0 {
			all = append(all, <-told)
		}
		require.Equal(t, []string{
			"x.txt:4: the vector waits for 2s",
			"x.txt:6: waiting up to 30s for +C: 2",
			"x.txt:9: waiting up to 30s for a line with a secret",
		}, all)
	})
}
