package event_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

// all returns what a ring holds.
func all(r *event.Ring) (events []event.Event) {
	for since := uint64(0); ; {
		batch, _ := r.After(since)
		if len(batch) == 0 {
			return events
		}
		events = append(events, batch...)
		since = batch[len(batch)-1].Seq
	}
}

func TestRing(t *testing.T) {
	var none *event.Log
	require.Nil(t, none.Keep())

	var log event.Log
	log.Add(event.Event{}) // before anybody keeps
	r := log.Keep()
	require.Same(t, r, log.Keep())
	require.True(t, log.Enabled())
	require.Empty(t, all(r))
	require.Zero(t, r.Before(10))
	_, wake := r.After(0)
	for range 300 {
		log.Add(event.Event{Link: &event.Link{}})
	}
	<-wake
	events := all(r)
	require.Len(t, events, 300, "more than one batch")
	for i := range events {
		require.EqualValues(t, i+2, events[i].Seq)
	}
	require.EqualValues(t, 301, r.Before(0))
	require.EqualValues(t, 291, r.Before(10))
	require.EqualValues(t, 0, r.Before(300))
	require.EqualValues(t, 0, r.Before(math.MaxInt))
}

// made is a maker that counts how often it was asked.
type made struct {
	text  string
	times int
}

func (m *made) Event() event.Event {
	m.times++
	return event.Event{Notification: &event.Notification{Text: m.text}}
}

// What is made later stands where it was added, however it comes to be made.
func TestMadeLater(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, test := range []struct {
		name string
		make func(*event.Log, *event.Ring)
	}{
		{"by Settle", func(l *event.Log, _ *event.Ring) { l.Settle(); l.Settle() }},
		{"by the next event", func(l *event.Log, _ *event.Ring) { l.Add(event.Event{Link: &event.Link{}}) }},
		{"by a reader", func(_ *event.Log, r *event.Ring) { r.Before(1) }},
		{"by the counts", func(_ *event.Log, r *event.Ring) { r.Counts() }},
		{"by a look at failures", func(_ *event.Log, r *event.Ring) { r.Failure() }},
		{"by a subscriber to be", func(l *event.Log, _ *event.Ring) {
			l.Subscribe(func(*event.Event) { t.Error("it was not there yet") })()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var l event.Log
			a, b := &made{text: "a"}, &made{text: "b"}
			l.AddLater(at, a)
			require.Zero(t, a.times, "nobody wants it")
			r := l.Keep()
			l.SetBoot(1)
			l.AddLater(at, a)
			l.SetBoot(2)
			l.AddLater(at.Add(1), b)
			require.Zero(t, a.times+b.times)
			test.make(&l, r)
			require.Equal(t, []int{1, 1}, []int{a.times, b.times})
			l.Add(event.Event{Link: &event.Link{}})
			events := all(r)
			require.Equal(t, event.Event{Seq: 2, Time: at, Boot: 1, Notification: &event.Notification{Text: "a"}}, events[0])
			require.Equal(t, event.Event{Seq: 3, Time: at.Add(1), Boot: 2, Notification: &event.Notification{Text: "b"}}, events[1])
			require.NotNil(t, events[2].Link)
			require.EqualValues(t, 4, events[2].Seq)
		})
	}
	t.Run("at once for a subscriber", func(t *testing.T) {
		var l event.Log
		var got []*event.Event
		cancel := l.Subscribe(func(e *event.Event) { got = append(got, e) })
		l.AddLater(at, &made{text: "a"})
		require.Len(t, got, 1)
		require.Equal(t, at, got[0].Time)
		cancel()
		l.AddLater(at, &made{text: "b"})
		require.Len(t, got, 1)
	})
	t.Run("for one who waits", func(t *testing.T) {
		var l event.Log
		_, wake := l.Keep().After(0)
		l.AddLater(at, &made{text: "a"})
		l.Settle()
		<-wake
	})
	var none *event.Log
	none.AddLater(at, &made{})
	none.Settle()
}

// What is kept is bounded, in number and in memory.
func TestRingIsBounded(t *testing.T) {
	var log event.Log
	r := log.Keep()
	for range 40_000 {
		log.Add(event.Event{Link: &event.Link{}})
	}
	events := all(r)
	require.LessOrEqual(t, len(events), 16384)
	require.Greater(t, len(events), 14000)
	require.EqualValues(t, 40_000, events[len(events)-1].Seq)
	big := strings.Repeat("x", 1<<20)
	for range 100 {
		log.Add(event.Event{Notification: &event.Notification{Text: big}})
	}
	sum := 0
	for _, e := range all(r) {
		if e.Notification != nil {
			sum += len(e.Notification.Text)
		}
	}
	require.LessOrEqual(t, sum, 18<<20)
	require.Positive(t, sum)
}

func TestFailures(t *testing.T) {
	type given struct {
		event event.Event
		want  string // empty: nothing has failed
	}
	command := func(id int, text string) event.Event {
		return event.Event{Command: &event.Command{ID: id, Text: text}}
	}
	response := func(r event.Response) event.Event { return event.Event{Response: &r} }
	for _, test := range []struct {
		name   string
		events []given
	}{
		{"a command that goes well", []given{
			{command(1, "AT"), ""},
			{response(event.Response{ID: 1, Result: "OK"}), ""},
		}},
		{"a code", []given{
			{command(1, "AT%CMNG=3,24,0"), ""},
			{response(event.Response{ID: 1, Result: "+CME ERROR: 518", CME: 518, Error: true, Reason: "the modem is active"}),
				"AT%CMNG=3,24,0: +CME ERROR: 518 (not while the modem is active)\n  why: the modem is active"},
		}},
		{"a code that is hidden", []given{
			{command(1, "AT%CMNG=3,24,0"), ""},
			{response(event.Response{ID: 1, Result: "ERROR", CME: 513, Error: true}), "AT%CMNG=3,24,0: ERROR, for AT+CMEE=0 hides the code: 513 (not found)"},
		}},
		{"code 0", []given{
			{command(1, "AT+X"), ""},
			{response(event.Response{ID: 1, Result: "+CME ERROR: 0", Error: true}),
				"AT+X: +CME ERROR: 0 (no code of its own: a wrong command, form or parameter, or an unexpected failure)"},
		}},
		{"two contexts", []given{
			{command(1, "AT+A"), ""},
			{command(2, "AT+B"), ""},
			{response(event.Response{ID: 1, Result: "ERROR", Error: true, Reason: "no"}), "AT+A: ERROR\n  why: no"},
			{response(event.Response{ID: 2, Result: "ERROR", Error: true, Reason: "no"}), "AT+B: ERROR\n  why: no"},
		}},
		{"before the record", []given{
			{response(event.Response{ID: 7, Result: "ERROR", Error: true}), "a command that was sent before the record began: ERROR"},
		}},
		{"one handshake, told three times", []given{
			{command(1, `AT#XCONNECT="h",8883`), ""},
			{event.Event{Handshake: &event.Handshake{Protocol: "tls", Peer: "h:8883", Errno: 111, Name: "ECONNREFUSED", Reason: "unknown CA"}},
				"TLS handshake with h:8883: refused, ECONNREFUSED (111)\n  why: unknown CA"},
			{event.Event{Socket: &event.Socket{Op: event.SocketConnect, Errno: 111, Name: "ECONNREFUSED", Reason: "unknown CA"}}, ""},
			{response(event.Response{ID: 1, Result: "ERROR", Error: true}), `AT#XCONNECT="h",8883: ERROR` + "\n  why: unknown CA"},
		}},
		{"nothing to read", []given{
			{event.Event{Socket: &event.Socket{Op: event.SocketReceive, Errno: 11, Name: "EAGAIN", Reason: "no data"}}, ""},
		}},
		{"something to know", []given{
			{event.Event{Socket: &event.Socket{Op: event.SocketReceive, Handle: 1, Peer: "h:1", Reason: "no close_notify"}}, "socket 1 with h:1\n  why: no close_notify"},
			{event.Event{Socket: &event.Socket{Op: event.SocketReceive, Handle: 1, Peer: "h:1", Reason: "no close_notify"}}, ""},
		}},
		{"input", []given{
			{event.Event{Input: &event.Input{Problem: event.ProblemOpenQuote, Bytes: 12, Reason: "a quote is open"}},
				"12 bytes of input (open-quote)\n  why: a quote is open"},
			{event.Event{Input: &event.Input{Problem: event.ProblemOpenQuote, Bytes: 12, Text: "AT%CMNG=0,24,0,...", Reason: "a quote is open"}},
				"AT%CMNG=0,24,0,...: 12 bytes of input (open-quote)\n  why: a quote is open"},
		}},
		{"a long command", []given{
			{command(1, "AT%CMNG=0,24,0,\"-----BEGIN\nabc\""), ""},
			{response(event.Response{ID: 1, Result: "ERROR", Error: true}), "AT%CMNG=0,24,0,\"-----BEGIN... (31 bytes): ERROR"},
		}},
		{"a crash in a command", []given{
			{command(1, "AT%CMNG=2,24,0"), ""},
			{event.Event{Power: &event.Power{Action: event.PowerCrash, Reason: "too long"}},
				"AT%CMNG=2,24,0: the modem has crashed and answers nothing until it is started again\n  why: too long"},
			{response(event.Response{ID: 1, Result: "OK"}), ""},
		}},
		{"registration", []given{
			{event.Event{Registration: &event.Registration{Status: 2, Reason: "a cell was found"}}, ""},
			{event.Event{Registration: &event.Registration{Status: 3, Reason: "EMM cause 15"}}, "the network: 3 (denied)\n  why: EMM cause 15"},
		}},
		{"power is not a failure", []given{
			{event.Event{Power: &event.Power{Action: event.PowerOn}}, ""},
			{event.Event{Power: &event.Power{Action: event.PowerCut}}, ""},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log event.Log
			r := log.Keep()
			var x event.Explainer
			var last string
			for i, g := range test.events {
				got := ""
				if f := x.Add(&g.event); f != nil {
					got = f.String()
				}
				require.Equal(t, g.want, got, "event %d", i+1)
				if log.Add(g.event); g.want != "" {
					last = g.want
				}
				if f := r.Failure(); last == "" {
					require.Nil(t, f)
				} else {
					require.Equal(t, last, f.String())
				}
			}
		})
	}
}

// A record that begins anywhere, or is cut anywhere, costs no more than it should.
func TestExplainerIsBounded(t *testing.T) {
	var x event.Explainer
	for n := range 1000 {
		require.Nil(t, x.Add(&event.Event{Command: &event.Command{ID: n}}))
	}
	require.Nil(t, x.Add(&event.Event{Response: &event.Response{ID: 999, Result: "OK"}}))
}
