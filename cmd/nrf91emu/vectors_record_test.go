package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFirstCommand(t *testing.T) {
	for _, test := range []struct{ text, terminator, command, rest string }{
		{"", "\r", "", ""},
		{"AT", "\r", "", "AT"},
		{"AT\rAT+CFUN?\r", "\r", "AT\r", "AT+CFUN?\r"},
		{"AT%CMNG=0,24,0,\"a\rb\"\rAT\r", "\r", "AT%CMNG=0,24,0,\"a\rb\"\r", "AT\r"},
		{"AT\r", "\r\n", "", "AT\r"},
		{"AT\r\nAT", "\r\n", "AT\r\n", "AT"},
	} {
		command, rest := firstCommand([]byte(test.text), test.terminator)
		require.Equal(t, test.command, string(command), "%q", test.text)
		require.Equal(t, test.rest, string(rest), "%q", test.text)
	}
}

func FuzzFirstCommand(f *testing.F) {
	f.Add([]byte("AT%CMNG=0,24,0,\"a\rb\"\rAT\r"))
	f.Fuzz(func(t *testing.T, text []byte) {
		command, rest := firstCommand(text, "\r")
		if !bytes.Equal(append(bytes.Clone(command), rest...), text) {
			t.Fatalf("%q and %q are not %q", command, rest, text)
		}
		if len(command) > 0 && (!bytes.HasSuffix(command, []byte("\r")) || bytes.Count(command, []byte("\""))%2 != 0) {
			t.Fatalf("%q is not a whole command", command)
		}
	})
}

func TestFinal(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "OK\r\n": true, "\r\nOK\r\n": true, "ERROR\r\n": true, "+CME ERROR: 513\r\n": true, "+CMS ERROR: 1\r\n": true,
		"OK": false, "+CMGF: 0\r\n": false, "NOT OK\r\n": false,
	} {
		require.Equal(t, want, final([]byte(text)), "%q", text)
	}
}
