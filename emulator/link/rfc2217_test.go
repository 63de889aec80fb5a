package link

import (
	"io"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRFC2217DTRFollowsTheClients(t *testing.T) {
	s := newServer(t, ListenRFC2217)
	require.False(t, s.Line().DTR)
	one := dial(t, s)
	requireClients(t, s, 1)
	require.True(t, s.Line().DTR)
	require.True(t, s.Line().RTS)
	require.NoError(t, one.Close())
	requireClients(t, s, 0)
	require.False(t, s.Line().DTR)
}

func TestRFC2217Escapes(t *testing.T) {
	s := newServer(t, ListenRFC2217)
	conn := dial(t, s)
	requireRead(t, conn, "\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03\xff\xfd\x2c")
	_, err := io.WriteString(s, "a\xffb")
	require.NoError(t, err)
	requireRead(t, conn, "a\xff\xffb")
}

// pyserialScript is what a user of python3-serial does. It prints what it sees.
const pyserialScript = `
import serial, sys
s = serial.serial_for_url(sys.argv[1] + "?timeout=10", baudrate=9600, bytesize=7,
                          parity="E", stopbits=2, rtscts=False, timeout=20)
def trip(b):
    s.write(b + b"\r")
    got = s.read(len(b) + 3)
    assert got == b"[" + b + b"]\n", got
trip(b"AT")
everything = bytes(i for i in range(256) if i != 13)
trip(everything)
print("cts", s.cts, "dsr", s.dsr, "cd", s.cd, "ri", s.ri)
s.dtr = False
s.rts = False
s.break_condition = True
trip(b"during break")
s.break_condition = False
s.dtr = True
s.baudrate = 1000000
s.bytesize = 8
s.parity = "N"
s.stopbits = 1
s.reset_input_buffer()
s.reset_output_buffer()
trip(b"AT")
s.close()
`

func TestRFC2217WithPyserial(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import serial").CombinedOutput(); err != nil {
		t.Skipf("needs %s with python3-serial, which is not there: %v %s", python, err, out)
	}
	s := newServer(t, ListenRFC2217)
	var mu sync.Mutex
	var seen []Line
	s.OnLine(func(l Line) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, l)
	})
	startEcho(t, s)
	script := exec.Command(python, "-W", "ignore", "-c", pyserialScript, "rfc2217://"+s.Addr().String())
	script.WaitDelay = patience
	out, err := script.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "cts True dsr True cd True ri False\n", string(out))

	requireClients(t, s, 0)
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []func(Line) bool{
		func(l Line) bool {
			return l.Baud == 9600 && l.DataBits == 7 && l.Parity == EvenParity && l.StopBits == 4
		},
		func(l Line) bool { return !l.DTR && l.RTS },
		func(l Line) bool { return !l.DTR && !l.RTS && l.Break },
		func(l Line) bool {
			return l.Baud == 1000000 && l.DataBits == 8 && l.Parity == NoParity && l.StopBits == 2
		},
	} {
		i := slices.IndexFunc(seen, want)
		require.GreaterOrEqual(t, i, 0, "%+v", seen)
		seen = seen[i:]
	}
	require.Equal(t, Line{Baud: 1000000, DataBits: 8, StopBits: 2}, seen[len(seen)-1])
}
