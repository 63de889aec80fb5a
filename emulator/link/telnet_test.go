package link

import (
	"bytes"
	"io"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newTestTelnet is telnet towards a client without a connection: replies stay in
// the client's queue.
func newTestTelnet() (*telnet, *client) {
	s := &Server{in: newStream(), clients: make(map[*client]struct{}), line: Line{Baud: DefaultBaud, DataBits: 8, StopBits: 2, DTR: true, RTS: true}}
	c := &client{server: s}
	c.changed.L = &s.mu
	c.telnet = newTelnet(c)
	return c.telnet, c
}

// takeReplies returns what the client would be sent, and forgets it.
func takeReplies(c *client) string {
	got := string(c.control)
	c.control = c.control[:0]
	return got
}

const (
	iacSB = "\xff\xfa\x2c"
	iacSE = "\xff\xf0"
)

func TestTelnetData(t *testing.T) {
	for _, c := range []struct{ name, in, data, replies string }{
		{"plain", "AT\r", "AT\r", ""},
		{"IAC doubled", "a\xff\xffb\xff\xff\xff\xff", "a\xffb\xff\xff", ""},
		{"CR NUL", "AT\r\x00AT\r\n\x00", "AT\rAT\r\n\x00", ""},
		{"CR NUL in binary", "\xff\xfb\x00AT\r\x00", "AT\r\x00", "\xff\xfd\x00"},
		{"CR IAC IAC NUL", "\r\xff\xff\x00", "\r\xff\x00", ""},
		{"NOP and others", "a\xff\xf1\xff\xf6\xff\xf9b", "ab", ""},
		{"unknown options", "a\xff\xfd\x01\xff\xfb\x18\xff\xfe\x01\xff\xfc\x18b", "ab", "\xff\xfc\x01\xff\xfe\x18"},
		{"agreed once", "\xff\xfd\x03\xff\xfd\x03\xff\xfb\x03\xff\xfb\x03", "", "\xff\xfb\x03\xff\xfd\x03"},
		{"off again", "\xff\xfd\x00\xff\xfe\x00\xff\xfe\x00", "", "\xff\xfb\x00\xff\xfc\x00"},
		{"other subnegotiation", "a\xff\xfa\x18\x01\xff\xf0b", "ab", ""},
		{"subnegotiation cut", "a\xff\xfa\x2c\x02\xff\xfd\x01b", "ab", "\xff\xfc\x01"},
		{"long subnegotiation", "a\xff\xfa\x2c" + string(make([]byte, 1000)) + "\xff\xf0b", "ab", ""},
		{"IAC in subnegotiation", iacSB + "\x00me\xff\xff" + iacSE + "b", "b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tel, client := newTestTelnet()
			require.Equal(t, c.data, string(tel.receive([]byte(c.in))))
			require.Equal(t, c.replies, takeReplies(client))

			tel, client = newTestTelnet()
			var data []byte
			for i := range len(c.in) {
				data = append(data, tel.receive([]byte(c.in[i:i+1]))...)
			}
			require.Equal(t, c.data, string(data))
			require.Equal(t, c.replies, takeReplies(client))
		})
	}
}

func TestTelnetOwnQuestions(t *testing.T) {
	tel, c := newTestTelnet()
	tel.start()
	require.Equal(t, "\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03\xff\xfd\x2c", takeReplies(c))
	tel.receive([]byte("\xff\xfd\x00\xff\xfb\x00\xff\xfe\x03\xff\xfc\x03"))
	require.Empty(t, takeReplies(c))
	tel.receive([]byte("\xff\xfb\x2c"))
	require.Equal(t, iacSB+"\x6b\xb0"+iacSE, takeReplies(c))
}

func TestComPort(t *testing.T) {
	base := Line{Baud: DefaultBaud, DataBits: 8, StopBits: 2, DTR: true, RTS: true}
	with := func(f func(*Line)) Line { l := base; f(&l); return l }
	for _, c := range []struct {
		name, command, reply string
		want                 Line
	}{
		{"signature asked", "\x00", "\x64nrf91emu", base},
		{"signature told", "\x00me", "", base},
		{"baud asked", "\x01\x00\x00\x00\x00", "\x65\x00\x01\xc2\x00", base},
		{"baud", "\x01\x00\x00\x25\x80", "\x65\x00\x00\x25\x80", with(func(l *Line) { l.Baud = 9600 })},
		{"baud with 255", "\x01\x00\x00\x00\xff\xff", "\x65\x00\x00\x00\xff\xff", with(func(l *Line) { l.Baud = 255 })},
		{"baud absurd", "\x01\xf0\x00\x00\x00", "\x65\x00\x01\xc2\x00", base},
		{"baud short", "\x01\x25\x80", "", base},
		{"data bits asked", "\x02\x00", "\x66\x08", base},
		{"data bits", "\x02\x07", "\x66\x07", with(func(l *Line) { l.DataBits = 7 })},
		{"data bits absurd", "\x02\x09", "\x66\x08", base},
		{"parity asked", "\x03\x00", "\x67\x01", base},
		{"parity", "\x03\x03", "\x67\x03", with(func(l *Line) { l.Parity = EvenParity })},
		{"parity absurd", "\x03\x06", "\x67\x01", base},
		{"stop bits asked", "\x04\x00", "\x68\x01", base},
		{"two stop bits", "\x04\x02", "\x68\x02", with(func(l *Line) { l.StopBits = 4 })},
		{"one and a half", "\x04\x03", "\x68\x03", with(func(l *Line) { l.StopBits = 3 })},
		{"flow asked", "\x05\x00", "\x69\x01", base},
		{"flow none", "\x05\x01", "\x69\x01", base},
		{"flow XON", "\x05\x02", "\x69\x02", with(func(l *Line) { l.Flow = XonXoff })},
		{"flow RTS", "\x05\x03", "\x69\x03", with(func(l *Line) { l.Flow = RTSCTS })},
		{"break asked", "\x05\x04", "\x69\x06", base},
		{"break on", "\x05\x05", "\x69\x05", with(func(l *Line) { l.Break = true })},
		{"break off", "\x05\x06", "\x69\x06", base},
		{"DTR asked", "\x05\x07", "\x69\x08", base},
		{"DTR on", "\x05\x08", "\x69\x08", base},
		{"DTR off", "\x05\x09", "\x69\x09", with(func(l *Line) { l.DTR = false })},
		{"RTS asked", "\x05\x0a", "\x69\x0b", base},
		{"RTS off", "\x05\x0c", "\x69\x0c", with(func(l *Line) { l.RTS = false })},
		{"inbound flow asked", "\x05\x0d", "\x69\x0e", base},
		{"DCD flow", "\x05\x11", "\x69\x0e", base},
		{"control absurd", "\x05\x14", "", base},
		{"line mask", "\x0a\x12", "\x6e\x12", base},
		{"modem mask", "\x0b\xff\xff", "\x6f\xff\xff" + iacSE + iacSB + "\x6b\xb0", base},
		{"purge absurd", "\x0c\x04", "", base},
		{"unknown", "\x0d\x04", "", base},
		{"empty", "", "", base},
	} {
		t.Run(c.name, func(t *testing.T) {
			tel, client := newTestTelnet()
			var told []Line
			client.server.OnLine(func(l Line) { told = append(told, l) })
			require.Empty(t, tel.receive([]byte(iacSB+c.command+iacSE)))
			reply := c.reply
			if reply != "" {
				reply = iacSB + reply + iacSE
			}
			require.Equal(t, reply, takeReplies(client))
			require.Equal(t, c.want, client.server.Line())
			if c.want == base {
				require.Empty(t, told)
			} else {
				require.Equal(t, []Line{c.want}, told)
			}
		})
	}
}

func TestTelnetBreakIsAPulse(t *testing.T) {
	tel, c := newTestTelnet()
	var told []bool
	c.server.OnLine(func(l Line) { told = append(told, l.Break) })
	require.Equal(t, "ab", string(tel.receive([]byte("a\xff\xf3b"))))
	require.Equal(t, []bool{true, false}, told)
}

func TestComPortSuspendAndPurge(t *testing.T) {
	tel, c := newTestTelnet()
	tel.receive([]byte(iacSB + "\x08" + iacSE))
	require.True(t, c.paused)
	tel.receive([]byte(iacSB + "\x09" + iacSE))
	require.False(t, c.paused)

	fill := func() {
		c.enqueue([]byte("to the client"))
		_, err := c.server.in.write([]byte("to the modem"))
		require.NoError(t, err)
	}
	waiting := func() [2]bool { return [2]bool{len(c.data) > 0, len(c.server.in.buf) > 0} }
	for _, v := range []struct {
		value byte
		want  [2]bool
	}{{1, [2]bool{false, true}}, {2, [2]bool{true, false}}, {3, [2]bool{false, false}}} {
		fill()
		tel.receive([]byte(iacSB + "\x0c" + string(rune(v.value)) + iacSE))
		require.Equal(t, v.want, waiting())
		require.Equal(t, iacSB+"\x70"+string(rune(v.value))+iacSE, takeReplies(c))
	}
}

func TestEscape(t *testing.T) {
	require.Equal(t, "x\xff\xffy\xff\xff\xff\xff", string(escape([]byte("x"), []byte("\xffy\xff\xff"))))
	require.Empty(t, escape(nil, nil))
}

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

// FuzzTelnet holds the parser against two rules: what was escaped comes out as
// it was, whatever came before, as long as that was complete; and how the bytes
// are cut into reads makes no difference.
func FuzzTelnet(f *testing.F) {
	f.Add([]byte("AT\r\x00\xff\xff\xff\xfb\x00x"), uint8(3))
	f.Add([]byte("\xff\xfa\x2c\x01\x00\x00\x25\x80\xff\xf0AT\r"), uint8(1))
	f.Add([]byte("\xff\xfa\x2c\x05\x05\xff\xf0\xff\xf3\xff\xfd\x2c\xff\xfe\x2c"), uint8(2))
	f.Fuzz(func(t *testing.T, in []byte, cut uint8) {
		whole, wholeClient := newTestTelnet()
		data := slices.Clone(whole.receive(slices.Clone(in)))
		require.LessOrEqual(t, len(data), len(in))
		require.LessOrEqual(t, cap(whole.sub), 2*subLimit)

		parts, partsClient := newTestTelnet()
		var got []byte
		for b := range slices.Chunk(in, int(cut)+1) {
			got = append(got, parts.receive(slices.Clone(b))...)
		}
		require.True(t, bytes.Equal(data, got))
		require.Equal(t, takeReplies(wholeClient), takeReplies(partsClient))
		require.Equal(t, wholeClient.server.Line(), partsClient.server.Line())

		fresh, _ := newTestTelnet()
		fresh.them[optionBinary] = true
		require.True(t, bytes.Equal(in, fresh.receive(escape(nil, in))))
	})
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

func TestRFC2217Escapes(t *testing.T) {
	s := newServer(t, ListenRFC2217)
	conn := dial(t, s)
	requireRead(t, conn, "\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03\xff\xfd\x2c")
	_, err := io.WriteString(s, "a\xffb")
	require.NoError(t, err)
	requireRead(t, conn, "a\xff\xffb")
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
}
