package link

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
