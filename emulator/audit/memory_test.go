package audit_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// Of the contents that a host wrote to one credential, the last eight are known.
func TestHistory(t *testing.T) {
	a := audit.New(audit.Options{Levels: map[string]audit.Level{"P22": audit.Off, "P31": audit.Off}})
	m := newModem(t, a.Add)
	write := func(n int) {
		m.at("AT%%CMNG=1")
		m.at(`AT%%CMNG=0,24,4,"device %d"`, n)
		m.powerCycle()
	}
	for n := range 10 {
		write(n)
	}
	write(0)
	write(1)
	require.Empty(t, found(a.Report()), "too long ago")
	for n := 4; n < 10; n++ {
		write(n)
		require.Equal(t, n-3, a.Report().Findings[0].Count)
	}
}

// A record that does not say what was stored is no ground for a judgement on wear.
func TestRecordWithoutDigests(t *testing.T) {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	tag, typ := uint32(24), event.CredentialType(4)
	for range 3 {
		m.at("AT%%CMNG=1")
		m.emit(event.Event{Credential: &event.Credential{ID: m.id, Op: "write", SecTag: &tag, Type: &typ}})
		m.powerCycle()
	}
	require.Empty(t, found(a.Report()))
}

// An erase forgets what it is about and nothing else.
func TestErase(t *testing.T) {
	tag, other, typ := uint32(24), uint32(26), event.CredentialType(0)
	for _, test := range []struct {
		erase event.Credential
		want  []string
	}{
		{event.Credential{}, []string{}},
		{event.Credential{SecTag: &tag}, []string{}},
		{event.Credential{Type: &typ}, []string{}},
		{event.Credential{SecTag: &other}, []string{"P27 info 24:0"}},
		{event.Credential{Error: true}, []string{"P27 info 24:0"}},
	} {
		a := audit.New(audit.Options{})
		m := newModem(t, a.Add)
		m.play("AT%CMNG=1 -> OK\nAT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,25,0,<ca> -> OK")
		test.erase.Op = "erase"
		m.emit(event.Event{Credential: &test.erase})
		require.Equal(t, test.want, found(a.Report()), fmt.Sprintf("%+v", test.erase))
	}
}

// A record that has lost events, or has some that make no sense, must not make the
// audit stumble.
func TestEventsOutOfOrder(t *testing.T) {
	a := audit.New(audit.Options{})
	tag, typ := uint32(24), event.CredentialType(2)
	for _, op := range []event.CredentialOp{"use", "read", "delete", "write", "generate", "erase", "list", "something"} {
		for _, c := range []event.Credential{
			{Op: op}, {ID: 1, Op: op}, {ID: 1, Op: op, SecTag: &tag}, {ID: 1, Op: op, Type: &typ},
			{ID: 1, Op: op, SecTag: &tag, Type: &typ}, {ID: 1, Op: event.CredentialOp(op), SecTag: &tag, Type: &typ, Error: true, CME: 514},
		} {
			a.Add(&event.Event{Boot: len(op), Credential: &c})
		}
	}
	a.Add(&event.Event{})
	a.Add(&event.Event{Handshake: &event.Handshake{SecTags: []uint32{tag}}})
	a.Add(&event.Event{Response: &event.Response{Error: true, Result: "ERROR", CME: 1}})
	require.NotNil(t, a.Report())
}

// Other content in most boots is a finding, though some boots leave the store alone; new tags and
// a rotation now and then are none.
func TestChangedInMostBoots(t *testing.T) {
	for _, tt := range []struct {
		boots string // a letter for each after the first: w writes something else, t to a new tag, d deletes and writes, q asks only
		want  []string
	}{
		{"wwwq", []string{"P31 error 24:4 x3"}},
		{"qwww", []string{"P31 error 24:4 x3"}},
		{"wqwqw", []string{"P31 error 24:4 x3"}},
		{"wwwwwwwwqw", []string{"P31 error 24:4 x9"}},
		{"dqddd", []string{"P31 error 24:4 x4"}},
		{"wwq", []string{}},
		{"wqwqwq", []string{}},
		{"tttq", []string{}},
		{"wqqqqqqqqqwqqqqqqqqqwqqqqqqqqq", []string{}},
	} {
		t.Run(tt.boots, func(t *testing.T) {
			a := audit.New(audit.Options{Levels: map[string]audit.Level{"P22": audit.Off}})
			m := newModem(t, a.Add)
			m.at("AT%%CMNG=1")
			m.at(`AT%%CMNG=0,24,4,"first"`)
			for i, what := range tt.boots {
				m.powerCycle()
				m.at("AT%%CMNG=1")
				tag := 24
				switch what {
				case 'q':
					continue
				case 't':
					tag += 1 + i
				case 'd':
					m.at("AT%%CMNG=3,24,4")
				}
				m.at(`AT%%CMNG=0,%d,4,"device %d"`, tag, i)
			}
			r := a.Report()
			require.Equal(t, tt.want, found(r))
			require.Equal(t, r, a.Report(), "again")
			if len(tt.want) > 0 {
				f := r.Findings[0]
				require.Equal(t, f.Count, f.Boots)
				require.Len(t, f.Places, min(f.Count, 5))
				require.NotNil(t, f.Lifetime)
			}
		})
	}
}
