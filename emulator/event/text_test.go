package event_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

func TestText(t *testing.T) {
	tag, ca := uint32(24), event.RootCA
	for _, test := range []struct {
		event event.Event
		want  string
	}{
		{event.Event{Power: &event.Power{Action: event.PowerOn, Device: "nRF9151", Firmware: "mfw_nrf91x1_2.0.4", Application: "at-client"}},
			"power on: nRF9151 with mfw_nrf91x1_2.0.4, application at-client"},
		{event.Event{Power: &event.Power{Action: event.PowerCut, Reason: "planned", Step: 3}}, "power cut in flash step 3: planned"},
		{event.Event{Command: &event.Command{Text: "AT%CMNG=0,24,0,\"-----BEGIN\nabc\n\""}}, "> AT%CMNG=0,24,0,\"-----BEGIN\n  abc\n  \""},
		{event.Event{Response: &event.Response{Lines: []string{"+CFUN: 1"}, Result: "OK"}}, "< +CFUN: 1\n< OK"},
		{event.Event{Response: &event.Response{Result: "OK", Took: 2345 * time.Millisecond}}, "< OK  after 2.35s"},
		{event.Event{Response: &event.Response{Result: "+CME ERROR: 515", CME: 515, Error: true, Reason: "full"}}, "< +CME ERROR: 515 (memory full)\n  why: full"},
		{event.Event{Notification: &event.Notification{Text: "+CEREG: 5"}}, "* +CEREG: 5"},
		{event.Event{Mode: &event.Mode{Requested: 21, State: 1, LTE: true, Active: true}},
			"functional mode 21 (LTE on) was asked for; now 1 (full functionality), LTE on, GNSS off; credentials cannot be changed"},
		{event.Event{Registration: &event.Registration{Status: 5, Reason: "registered, roaming"}}, "registration 5 (registered, roaming): registered, roaming"},
		{event.Event{Registration: &event.Registration{Status: 77}}, "registration 77"},
		{event.Event{Credential: &event.Credential{ID: 1, Op: event.CredentialWrite, SecTag: &tag, Type: &ca, Content: event.Describe([]byte("abc"), false),
			Cost: event.Cost{Programmed: 64, Erases: 1}}},
			"credential 24,0 (root CA): write of 3 bytes, SHA-256 BA7816BF8F01...; the flash: 64 bytes programmed, 1 page erased"},
		{event.Event{Credential: &event.Credential{Op: event.CredentialDelete, SecTag: &tag, Type: &ca, Error: true, CME: 513, Reason: "no such"}},
			"credential 24,0 (root CA): delete by nobody at the port, refused with 513 (not found): no such"},
		{event.Event{Credential: &event.Credential{ID: 1, Op: event.CredentialList, Found: 2}}, "credentials: list, found 2"},
		{event.Event{Handshake: &event.Handshake{Protocol: "tls", Peer: "h:1", SecTags: []uint32{24, 25}, Errno: 111, Name: "ECONNREFUSED", Reason: "unknown CA"}},
			"TLS handshake with h:1, sec_tag 24 and 25: refused, ECONNREFUSED (111): unknown CA"},
		{event.Event{Handshake: &event.Handshake{Protocol: "tls", Peer: "h:1", HostName: "h", OK: true, Version: "TLS 1.2", Suite: 0xC02B, Verified: true, Took: time.Millisecond}},
			"TLS handshake with h:1 as h: TLS 1.2, cipher suite C02B, the server was verified, after 1ms"},
		{event.Event{Socket: &event.Socket{Op: event.SocketConnect, Protocol: "tcp", Peer: "h:1", Errno: 116, Name: "ETIMEDOUT", Reason: "no answer"}},
			"socket 0 (tcp): connect h:1, ETIMEDOUT (116): no answer"},
		{event.Event{Board: &event.Board{LEDs: 5, Changed: "LED 3"}}, "board: LED 3; LEDs on 1 3, buttons pressed none"},
		{event.Event{}, "something that this version does not know"},
		// A host, or a server's certificate, must not write on a person's terminal.
		{event.Event{Command: &event.Command{Text: "AT\x1b[2J\r\x00\xff\u202e"}}, `> AT\x1b[2J\r\x00\xff\u202e`},
		{event.Event{Handshake: &event.Handshake{Protocol: "tls", Peer: "h:1", Reason: "CN=\u009b2J"}}, `TLS handshake with h:1: refused, errno 0: CN=\u009b2J`},
	} {
		require.Equal(t, test.want, test.event.Text())
	}
}

// Every kind of event has words, and nothing in it reaches a terminal as a command.
func TestTextOfAll(t *testing.T) {
	for _, e := range payloads() {
		text := e.Text()
		require.NotContains(t, text, "does not know", "%+v", e)
		require.NotEmpty(t, text)
		require.Negative(t, strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }), "%q", text)
	}
}

func TestMeanings(t *testing.T) {
	require.Equal(t, "not found", event.CMEMeaning(event.CMENotFound))
	require.Empty(t, event.CMEMeaning(517))
	require.Equal(t, "root CA", event.RootCA.String())
	require.Equal(t, "PSK identity", event.PSKIdentity.String())
	require.Equal(t, "type 7", event.CredentialType(7).String())
	require.Equal(t, "type 200", event.CredentialType(200).String())
}
