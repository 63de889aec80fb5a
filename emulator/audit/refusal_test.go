package audit_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// What is refused, and what explains it: exactly these findings of all levels.
func TestRefusals(t *testing.T) {
	const (
		asked    = "AT+CMEE=1 -> OK\nAT%CMNG=1 -> OK\n"
		online   = "AT+CFUN=1 -> OK\n"
		tlsGood  = "* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example"
		tlsFault = tlsGood + " fault="
	)
	playSessions(t, []session{
		{"a missing line feed does not explain an unknown CA", asked + "AT%CMNG=0,24,0,<ca without final LF> -> OK\n" + online + tlsFault + "unknown-ca",
			[]string{"P35 error", "P12 info 24:0"}},
		{"a leaf under another tag does not explain an unknown CA", asked + "AT%CMNG=0,25,0,<client certificate> -> OK\nAT%CMNG=0,24,0,<ca2> -> OK\n" + online + tlsFault + "unknown-ca",
			[]string{"P35 error", "P15 warning 25:0", "P27 info 25"}},
		{"a leaf as CA is no error once the server was reached", asked + "AT%CMNG=0,24,0,<client certificate> -> OK\n" + online + tlsFault + "unknown-ca\n" + tlsGood,
			[]string{"P15 warning 24:0"}},
		{"an expired root does not explain a refused client certificate", asked + "AT%CMNG=0,24,0,<expired ca> -> OK\n" + online + tlsFault + "client-certificate",
			[]string{"P35 error", "P16 warning 24:0"}},

		{"other bytes that were refused", asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca with comment> -> +CME ERROR: 515",
			[]string{"P37 warning 24:0"}},
		{"faulty bytes for other faulty ones", asked + "AT%CMNG=0,24,0,<ca without final LF> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca with leading blank> -> OK",
			[]string{"P36 error 24:0", "P10 info 24:0", "P12 info 24:0"}},
		{"good bytes for some with blanks in front", asked + "AT%CMNG=0,24,0,<ca with leading blank> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK",
			[]string{"P31 warning", "P10 info 24:0"}},

		{"519 for something else, and not online", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,24,0,<ca2> -> +CME ERROR: 519!", []string{"P37 error 24:0"}},
		{"another command that begins alike", asked + "AT%XSYSTEMMODE=0 -> +CME ERROR: 50", nil},
		{"a key that is refused, and came over the port", asked + "AT%CMNG=0,24,2,<key> -> +CME ERROR: 60", []string{"P37 warning 24:2", "P29 info 24:2"}},
		{"a complaint about the same exchange of another boot", asked + "AT%CMNG=0,24,0,<ca with CRLF> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,25,0,<ca> -> +CME ERROR: 60",
			[]string{"P08 error 24:0", "P37 warning 25:0"}},
	})
}

// Who switches off the rule about writes online is not told the same by another.
func TestRefusedOnlineOnPurpose(t *testing.T) {
	r := judge(t, audit.Options{Levels: map[string]audit.Level{"P01": audit.Off}}, "AT+CMEE=1 -> OK\nAT%CMNG=1,24,0 -> OK\nAT+CFUN=1 -> OK\nAT%CMNG=0,24,0,<ca> -> +CME ERROR: 518")
	require.Empty(t, found(r))
}

// That errors have no codes does not explain why a write is refused.
func TestRefusedWithoutCode(t *testing.T) {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	m.play("AT%CMNG=1 -> OK")
	m.force = "+CME ERROR: 515"
	result, _ := m.at(`AT%%CMNG=0,24,0,"%s"`, content(t, "ca"))
	require.Equal(t, "ERROR", result)
	require.Equal(t, []string{"P02 warning", "P37 warning 24:0"}, found(a.Report()))
}

// What the modem was not able to do is a warning, what was wrong with the command an error.
func TestRefusalLevels(t *testing.T) {
	for code, want := range map[int]string{
		event.CMEMemoryFailure: "P37 warning 24:0", event.CMESystemError: "P37 warning 24:0", event.CMEMemoryFull: "P37 warning 24:0",
		event.CMEPowerWarning: "P37 warning 24:0", event.CMEAlreadyExists: "P37 error 24:0",
	} {
		r := judge(t, audit.Options{}, fmt.Sprintf("AT+CMEE=1 -> OK\nAT%%CMNG=1,24,0 -> OK\nAT%%CMNG=0,24,0,<ca> -> +CME ERROR: %d!", code))
		require.Equal(t, []string{want}, found(r), code)
	}
}

// The words of a finding say how often, and what the modem or the server has said.
func TestRefusalWords(t *testing.T) {
	const asked = "AT+CMEE=1 -> OK\nAT%CMNG=1 -> OK\n"
	const write = "AT%CMNG=0,24,0,<ca> -> +CME ERROR: 515\n"
	const fault = "* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example fault=unknown-ca\n"
	const online = asked + "AT%CMNG=0,24,0,<ca2> -> OK\nAT+CFUN=1 -> OK\n"
	for _, test := range []struct{ script, what, subject string }{
		{asked + write, "The write was refused (515, memory full), and was not done later.", "sec_tag 24, type 0 (root CA)"},
		{asked + write + write, "The write was refused 2 times (the last time: 515, memory full), and was never done.", "sec_tag 24, type 0 (root CA)"},
		{asked + "AT%CMNG=0,24 -> +CME ERROR: 50", "The write was refused (50, incorrect parameters), and was not done later.", "AT%CMNG=0"},
		{online + fault, "The handshake failed: the server's certificate is signed by an unknown CA.", "broker.example:8883"},
		{online + fault + fault, "None of 2 handshakes succeeded; the last one failed: the server's certificate is signed by an unknown CA.", "broker.example:8883"},
		{asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca with comment> -> OK", "Boot 1 had stored the same certificate in other bytes", "sec_tag 24, type 0 (root CA)"},
	} {
		f := judge(t, audit.Options{}, test.script).Findings[0]
		require.Contains(t, f.What, test.what)
		require.Equal(t, test.subject, cmp.Or(f.Subject, f.Credential()))
		require.Len(t, f.Places, max(1, strings.Count(test.what, " 2 ")*2))
	}
}
