package libmodem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
)

// Whatever a program sends, the modem stands, and the next program can begin.
func FuzzProgram(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x04\x00\x01\x00AT"))
	f.Add([]byte("\x04\x00\x00\x00\x10\x00\x02\x00\x01\x01\x06\x00\x04\x00\x00\x00\x11\x00\x03\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x0c\x00\x00\x00\x1c\x00\x04\x00\xff\xff\xff\xff\x00\x00\x00\x00\x01\x00\x00\x00"))
	f.Add([]byte("\x00\x00\x00\x00\x33\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		p := newPlace(t, emulator.Config{NoExternal: true})
		prog := p.begin(t)
		_ = prog.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		_, _ = prog.conn.Write(sent)
		require.NoError(t, prog.conn.Close())
		require.Equal(t, "OK\r\n", p.begin(t).at("AT"))
	})
}
