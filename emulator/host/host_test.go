package host

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
)

func TestParseAnswer(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Answer
		ok         bool
	}{
		{"nothing", "", Answer{}, false},
		{"half a line", "OK", Answer{}, false},
		{"alone", "OK\r\n", Answer{OK: true, Text: []byte{}}, true},
		{"with information", "+CFUN: 0\r\nOK\r\n", Answer{OK: true, Text: []byte("+CFUN: 0\r\n")}, true},
		{"framed", "\r\n+CFUN: 0\r\n\r\nOK\r\n", Answer{OK: true, Text: []byte("\r\n+CFUN: 0\r\n\r\n")}, true},
		{"bare error", "ERROR\r\n", Answer{Text: []byte{}}, true},
		{"with a reason", "\r\n+CME ERROR: 513\r\n", Answer{CME: 513, Text: []byte("\r\n")}, true},
		{"not the end yet", "+CFUN: 0\r\n", Answer{}, false},
		{"a notification after it", "OK\r\n+CEREG: 1\r\n", Answer{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := parseAnswer([]byte(test.text))
			require.Equal(t, test.ok, ok)
			if ok {
				require.Equal(t, test.want, got)
			}
		})
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte("\r\n+CME ERROR: 513\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if a, ok := parseAnswer(text); ok && !bytes.HasPrefix(text, a.Text) {
			t.Fatalf("%q does not begin with %q", text, a.Text)
		}
	})
}

// A host talks to the device, hears what comes by itself, and learns at once that
// the power has gone.
func TestHost(t *testing.T) {
	d, err := emulator.New(emulator.Config{})
	require.NoError(t, err)
	defer d.Close()
	h := Attach(d)
	_, err = h.Do("AT")
	require.ErrorIs(t, err, ErrNoAnswer)
	require.NoError(t, d.PowerOn())
	require.Contains(t, h.Received(), "Ready")
	require.Empty(t, h.Received())
	a, err := h.Do("AT+CGMM")
	require.NoError(t, err)
	require.True(t, a.OK)
	require.Equal(t, []string{"nRF9151-LACA"}, a.Lines())
	h.Received()
	h.Send("AT\rAT+CFUN?\r")
	require.Equal(t, "OK\r\n+CFUN: 0\r\nOK\r\n", h.Received())
	d.PowerCut()
	_, err = h.Do("AT")
	require.ErrorIs(t, err, ErrNoAnswer)
	h.Detach()
}
