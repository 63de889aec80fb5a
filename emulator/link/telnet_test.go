package link

import (
	"bytes"
	"slices"
	"testing"

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

func TestTelnetBreakIsAPulse(t *testing.T) {
	tel, c := newTestTelnet()
	var told []bool
	c.server.OnLine(func(l Line) { told = append(told, l.Break) })
	require.Equal(t, "ab", string(tel.receive([]byte("a\xff\xf3b"))))
	require.Equal(t, []bool{true, false}, told)
}

func TestEscape(t *testing.T) {
	require.Equal(t, "x\xff\xffy\xff\xff\xff\xff", string(escape([]byte("x"), []byte("\xffy\xff\xff"))))
	require.Empty(t, escape(nil, nil))
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
