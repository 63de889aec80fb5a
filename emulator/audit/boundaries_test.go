package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// A delete for the sake of a write is part of what that costs.
func TestCostOfAPair(t *testing.T) {
	for script, want := range map[string]event.Cost{
		"AT%KEYGEN=24,2,0 -> OK\n* power cycle\nAT%CMNG=3,24,2 -> OK\nAT%KEYGEN=24,2,0 -> OK": {Programmed: 16 + 200},
		"AT%CMNG=1 -> OK\nAT%CMNG=0,24,0,<ca> -> OK\n* power cycle\nAT%CMNG=1 -> OK\nAT%CMNG=3,24,0 -> OK\nAT%CMNG=0,24,0,<ca> -> OK": {
			Programmed: 16 + len(content(t, "ca")) + 32,
		},
	} {
		r := judge(t, audit.Options{}, script)
		require.Len(t, r.Findings, 1)
		require.Equal(t, want, r.Findings[0].Cost)
		require.Equal(t, 2, r.Findings[0].Syncs)
		require.InDelta(t, 5000, r.Findings[0].Lifetime.FloorBoots, 1, "two syncs in the one boot after the first")
	}
}

// Lifetimes are reckoned by how often the firmware has started, whatever started it, and
// whether or not the fault was in each start.
func TestLifetimeByStarts(t *testing.T) {
	const write = "AT%CMNG=1 -> OK\nAT%CMNG=0,24,0,<ca> -> OK\n"
	for _, test := range []struct {
		name, script string
		boots        float64
	}{
		{"each boot", write + "* power cycle\n" + write + "* power cycle\n" + write, 10_000},
		{"a reset loop", write + "* reset\n" + write + "* reset\n" + write, 10_000},
		{"every other boot", write + "* power cycle\n" + write + "* power cycle\nAT -> OK", 20_000},
		{"twice in a boot", write + "* power cycle\n" + write + write, 5_000},
	} {
		r := judge(t, audit.Options{}, test.script)
		require.Equal(t, "P04", r.Findings[0].Rule, test.name)
		require.InEpsilon(t, test.boots, r.Findings[0].Lifetime.FloorBoots, 1e-9, test.name)
		require.InEpsilon(t, test.boots, r.Lifetime.FloorBoots, 1e-9, test.name)
	}
}

// What another program has written is from outside for a program with a name.
func TestOtherPrograms(t *testing.T) {
	for names, want := range map[[3]string][]string{
		{"app", "app", "app"}:  {"P05 error 24:0"},
		{"", "", ""}:           {"P05 error 24:0"},
		{"app", "tool", "app"}: {},
	} {
		a := audit.New(audit.Options{})
		m := newModem(t, a.Add)
		for i, c := range []string{"ca", "ca2", "ca"} {
			if i > 0 {
				m.powerCycle()
			}
			if names[i] != "" {
				m.emit(event.Event{Program: &event.Program{Action: event.ProgramStart, Name: names[i]}})
			}
			m.play("AT%CMNG=1 -> OK\nAT%CMNG=0,24,0,<" + c + "> -> OK")
		}
		require.Equal(t, want, found(a.Report()), names)
	}
}

// checkFindings checks that each finding says where it was, and that all of them do not
// cost more than what there was.
func checkFindings(t *testing.T, r *audit.Report) {
	var sum event.Cost
	syncs := 0
	for _, f := range r.Findings {
		require.NotEmpty(t, f.Places, f.Rule)
		for _, p := range f.Places {
			require.Positive(t, p.Boot, f.Rule)
			require.Positive(t, p.Exchange, f.Rule)
		}
		sum.Programmed += f.Cost.Programmed
		sum.Erases += f.Cost.Erases
		syncs += f.Syncs
	}
	require.LessOrEqual(t, sum.Programmed, r.Totals.Cost.Programmed, found(r))
	require.LessOrEqual(t, sum.Erases, r.Totals.Cost.Erases, found(r))
	require.LessOrEqual(t, syncs, r.Totals.Syncs, found(r))
}

// What a store holds from before may be known only from what sockets found.
func TestUseOfWhatWasStoredBefore(t *testing.T) {
	tag := uint32(24)
	use := func(typ event.CredentialType, c string) event.Event {
		return event.Event{Credential: &event.Credential{ID: 3, Op: "use", SecTag: &tag, Type: &typ, Found: 1,
			Content: event.Describe([]byte(c), typ == 2)}}
	}
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	m.emit(use(0, content(t, "ca")))
	m.emit(use(1, content(t, "client certificate")))
	m.emit(use(2, content(t, "another key")))
	m.emit(event.Event{Handshake: &event.Handshake{Handle: 1, SecTags: []uint32{24}, Verify: 2, HostName: "a", Peer: "a:1"}})
	require.Equal(t, []string{"P21 error 24:1"}, found(a.Report()))

	psk, root := event.CredentialType(3), event.CredentialType(0)
	a = audit.New(audit.Options{})
	m = newModem(t, a.Add)
	m.emit(use(3, "0011"))
	m.emit(event.Event{Credential: &event.Credential{ID: 3, Op: "use", SecTag: &tag, Type: &root}})
	require.Empty(t, found(a.Report()))
	m.emit(event.Event{Credential: &event.Credential{ID: 3, Op: "use", SecTag: &tag, Type: &psk}})
	m.emit(event.Event{Credential: &event.Credential{ID: 3, Op: "use", SecTag: &tag, Type: &root}})
	require.Equal(t, []string{"P20 error 24"}, found(a.Report()))

	// Types that a tag does not have are no fault as long as it has something.
	typ := event.CredentialType(1)
	a = audit.New(audit.Options{})
	m = newModem(t, a.Add)
	m.emit(use(0, content(t, "ca")))
	m.emit(event.Event{Credential: &event.Credential{ID: 3, Op: "use", SecTag: &tag, Type: &typ}})
	require.Empty(t, found(a.Report()))
}

func TestConnections(t *testing.T) {
	run := func(s tls) []string {
		a := audit.New(audit.Options{})
		m := newModem(t, a.Add)
		m.put(24, 0, content(t, "ca"), true)
		s.peer, s.tags = "broker.example:8883", []uint32{24}
		m.tls(s)
		return found(a.Report())
	}
	leaf := event.Certificate{Subject: "CN=broker.example", NotAfter: start.AddDate(0, 0, 20)}
	old := event.Certificate{Subject: "CN=broker.example", NotAfter: start.AddDate(0, 0, -1)}
	for _, test := range []struct {
		name string
		tls  tls
		want []string
	}{
		{"good", tls{verify: 2, host: "broker.example"}, []string{}},
		{"refused before the handshake", tls{verify: 1, host: "broker.example", errno: 111, noise: true}, []string{"P28 error"}},
		{"failed in the handshake", tls{verify: 0, errno: 111}, []string{"P28 error"}},
		{"PSK by its suite", tls{verify: 0, suite: 0xC0A8}, []string{}},
		{"a server's short certificate", tls{verify: 2, host: "broker.example", chain: []event.Certificate{leaf}}, []string{}},
		{"a server's expired certificate", tls{verify: 2, host: "broker.example", chain: []event.Certificate{old}}, []string{"P16 warning"}},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, run(test.tls)) })
	}
}

// A written certificate must have 90 days left; one that a server shows must not
// have expired.
func TestCertificateBoundaries(t *testing.T) {
	certificate := func(left time.Duration) event.Certificate {
		return event.Certificate{Subject: "CN=Root", NotAfter: start.Add(left)}
	}
	const days90 = 90 * 24 * time.Hour
	for _, test := range []struct {
		left             time.Duration
		stored, inServer string // what is found, in part
	}{
		{days90 + time.Second, "", ""},
		{days90, "", ""},
		{days90 - time.Second, "expires on 2026-05-30, in 89 days", ""},
		{time.Second, "expires on 2026-03-01, in 0 days", ""},
		{0, "expires on 2026-03-01, in 0 days", ""},
		{-time.Second, "expired on 2026-03-01", "expired on 2026-03-01"},
	} {
		tag, typ := uint32(24), event.CredentialType(0)
		for _, where := range []struct {
			want  string
			event event.Event
		}{
			{test.stored, event.Event{Credential: &event.Credential{ID: 1, Op: "write", SecTag: &tag, Type: &typ, After: "A",
				Content: &event.Content{Certificates: []event.Certificate{certificate(test.left)}}}}},
			{test.inServer, event.Event{Handshake: &event.Handshake{Peer: "broker.example:8883",
				Chain: []event.Certificate{certificate(test.left)}}}},
		} {
			a := audit.New(audit.Options{})
			where.event.Seq, where.event.Boot, where.event.Time = 1, 1, start
			a.Add(&where.event)
			got := ""
			for _, f := range a.Report().Findings {
				if f.Rule == "P16" {
					got += f.What
				}
			}
			if where.want == "" {
				require.Empty(t, got, "%v left", test.left)
			} else {
				require.Contains(t, got, where.want, "%v left", test.left)
			}
		}
	}
}

// A key without its password can never work; one that its password does not open may be
// of a form that only the emulator does not know.
func TestLockedKey(t *testing.T) {
	tag, typ := uint32(24), event.PrivateKey
	for locked, want := range map[string][2]audit.Level{
		event.NoPassword:        {audit.Error, audit.Error},
		"the password is wrong": {audit.Warning, audit.Error},
	} {
		for i, online := range []bool{false, true} {
			a := audit.New(audit.Options{})
			m := newModem(t, a.Add)
			m.at("AT%%CMNG=1")
			c := event.Describe([]byte(content(t, "encrypted key")), true)
			c.Locked = locked
			m.emit(event.Event{Credential: &event.Credential{ID: m.id, Op: event.CredentialWrite, SecTag: &tag, Type: &typ, After: c.SHA256, Content: c}})
			if online {
				m.at("AT+CFUN=1")
			}
			f := a.Report().Findings[0]
			require.Equal(t, "P14", f.Rule)
			require.Equal(t, want[i], f.Level, locked)
		}
	}
}

// An open quote is told with the command and the reason.
func TestOpenQuoteInWords(t *testing.T) {
	for in, want := range map[event.Input]string{
		{Problem: event.ProblemOpenQuote, Bytes: 40, ID: 7, Text: "AT%CMNG=0,24,4,...", Reason: "a quoted string is open, since the closing quotation mark is missing"}: "In AT%CMNG=0,24,4,... a quoted string is open, since the closing quotation mark is missing.",
		{Problem: event.ProblemOpenQuote, Bytes: 40, ID: 7}:                                          "In a command a quoted string stayed open after 40 bytes.",
		{Problem: event.ProblemTooLong, Bytes: 5000, ID: 7, Text: "AT%CMNG=0,24,0,...", Reason: "x"}: "A command line of 5,000 bytes was sent: AT%CMNG=0,24,0,....",
	} {
		a := audit.New(audit.Options{})
		newModem(t, a.Add).emit(event.Event{Input: &in})
		f := a.Report().Findings[0]
		require.Equal(t, want, f.What)
		require.Equal(t, []audit.Place{{Boot: 1, Exchange: 7, Command: in.Text}}, f.Places)
	}
}

func TestInput(t *testing.T) {
	for _, test := range []struct {
		in   event.Input
		want []string
	}{
		{event.Input{Problem: "lost", Bytes: 1}, []string{}},
		{event.Input{Problem: "lost", Bytes: 9}, []string{"P23 warning"}},
		{event.Input{Problem: "early", Bytes: 3}, []string{"P23 warning"}},
		{event.Input{Problem: "not-at", Bytes: 3}, []string{}},
		{event.Input{Problem: "open-quote", Bytes: 3}, []string{"P18 error"}},
	} {
		a := audit.New(audit.Options{})
		newModem(t, a.Add).emit(event.Event{Input: &test.in})
		require.Equal(t, test.want, found(a.Report()), test.in)
	}
}

// A host that tries one terminator after the other is not one that hangs.
func TestCommandWithoutTerminator(t *testing.T) {
	never := event.Event{Input: &event.Input{Problem: event.ProblemNoTerminator, Bytes: 3, ID: 1, Text: "AT", Reason: "nothing of that kind has come"}}
	for after, want := range map[string]string{"": "P18 error", "AT -> OK": "P18 warning", "* power cycle": "P18 error"} {
		a := audit.New(audit.Options{})
		m := newModem(t, a.Add)
		m.emit(never)
		m.play(after)
		r := a.Report()
		require.Equal(t, []string{want}, found(r), after)
		require.Equal(t, "After AT: nothing of that kind has come.", r.Findings[0].What)
		require.Equal(t, []audit.Place{{Boot: 1, Exchange: 1, Command: "AT"}}, r.Findings[0].Places)
	}
}

// Another host may go on where one has ended its session by +CFUN=0.
func TestModeZeroBetweenSessions(t *testing.T) {
	for _, between := range []event.Event{
		{Link: &event.Link{Action: "detach"}},
		{Power: &event.Power{Action: "reset"}},
	} {
		a := audit.New(audit.Options{})
		m := newModem(t, a.Add)
		m.play("AT+CFUN=1 -> OK\nAT+CFUN=0 -> OK")
		m.emit(between)
		m.play("AT+CFUN=1 -> OK")
		require.Empty(t, found(a.Report()))
	}
}

// Each cause of a failed handshake has a cure of its own.
func TestHandshakeCures(t *testing.T) {
	for fault, want := range map[event.HandshakeFault]string{
		event.FaultUnknownCA:         "Store the root that the server's certificate is issued by",
		event.FaultClientCertificate: "Store the client certificate and its private key",
		event.FaultPSK:               "Store the identity that the server knows as type 4",
		event.FaultServerName:        "Give the socket the host name that the server's certificate is for",
		event.FaultNoCredential:      "Store what the reason asks for",
	} {
		a := audit.New(audit.Options{})
		m := newModem(t, a.Add)
		m.put(24, 0, content(t, "ca"), true)
		m.tls(tls{peer: "broker.example:8883", tags: []uint32{24}, verify: 2, host: "broker.example", fault: fault})
		r := a.Report()
		require.Equal(t, []string{"P35 error"}, found(r), fault)
		require.Contains(t, r.Findings[0].Fix, want)
		require.Contains(t, r.Findings[0].Fix, "switch this rule off")
	}
}

// A refused write has the cure for its code.
func TestRefusedCures(t *testing.T) {
	for code, want := range map[int]string{
		50: "The command is malformed", 514: "types are 0 root CA", 515: "delete what is not needed", 60: "stop on an error.",
	} {
		r := judge(t, audit.Options{}, fmt.Sprintf("AT+CMEE=1 -> OK\nAT%%CMNG=1,24,0 -> OK\nAT%%CMNG=0,24,0,<ca> -> +CME ERROR: %d", code))
		require.Len(t, r.Findings, 1, code)
		require.Equal(t, "P37", r.Findings[0].Rule)
		require.Contains(t, r.Findings[0].Fix, want)
	}
}

// What became of a command that did not end is told by its cause.
func TestUnendedWords(t *testing.T) {
	for beside, want := range map[string]string{
		"a command is too long": "A command line of 5,000 bytes was sent: AT%CMNG=0,24,0,...",
		"a quote stays open":    "In AT%CMNG=0,24,4,... a quoted string stayed open after 40 bytes.",
	} {
		r := judge(t, audit.Options{}, "AT+CMEE=1 -> OK\n* "+beside)
		require.Equal(t, []string{"P18 error"}, found(r), beside)
		require.Contains(t, r.Findings[0].What, want)
	}
}
