package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

// full sets every field below v to something that is not its zero value, so that
// a field that JSON loses shows.
func full(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 15, 4, 5, *n, time.UTC)))
			return
		}
		for i := range v.NumField() {
			full(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		full(v.Index(0), n)
		full(v.Index(1), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("<%d> \r\n\"&\x7f", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n % 256))
	default:
		panic("the helper does not know " + v.Kind().String())
	}
}

// payloads returns one event for each payload, with all fields set.
func payloads() []event.Event {
	var list []event.Event
	typ := reflect.TypeFor[event.Event]()
	n := 0
	for i := range typ.NumField() {
		if typ.Field(i).Type.Kind() != reflect.Pointer {
			continue
		}
		e := event.Event{Seq: uint64(len(list) + 1), Time: time.Date(2026, 1, 2, 15, 4, 5, 6, time.UTC), Boot: 3}
		full(reflect.ValueOf(&e).Elem().Field(i), &n)
		list = append(list, e)
	}
	return list
}

func TestRoundTrip(t *testing.T) {
	want := payloads()
	require.Len(t, want, 18)
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	for i := range want {
		w.Add(&want[i])
	}
	require.NoError(t, w.Err())
	require.Equal(t, len(want), strings.Count(trace.String(), "\n"))

	var got []event.Event
	for e, err := range event.Read(&trace) {
		require.NoError(t, err)
		got = append(got, *e)
	}
	require.Empty(t, cmp.Diff(want, got))
}

// The form that the package comment promises.
func TestForm(t *testing.T) {
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	w.Add(&event.Event{Seq: 7, Time: time.Date(2026, 1, 2, 15, 4, 5, 678e6, time.UTC), Boot: 1,
		Command: &event.Command{ID: 3, Text: "AT+CFUN=1", Name: "+CFUN", Form: "set"}})
	tag, typ := uint32(24), event.CredentialType(0)
	w.Add(&event.Event{Credential: &event.Credential{Op: "list", SecTag: &tag, Type: &typ}})
	require.NoError(t, w.Err())
	require.Equal(t, `{"seq":7,"time":"2026-01-02T15:04:05.678Z","boot":1,`+
		`"command":{"id":3,"text":"AT+CFUN=1","name":"+CFUN","form":"set"}}`+"\n"+
		`{"seq":0,"time":"0001-01-01T00:00:00Z","boot":0,"credential":{"op":"list","sec_tag":24,"type":0,"found":0}}`+"\n",
		trace.String())
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		n          int
		err        string
	}{
		{"nothing", "", 0, ""},
		{"empty lines", "\n{\"seq\":1}\n\n{\"seq\":2}", 2, ""},
		{"from a later version", `{"seq":1,"colour":{"red":1},"power":{"action":"on","volts":3}}`, 1, ""},
		{"no JSON", "{\"seq\":1}\n\nnonsense\n{\"seq\":2}\n", 1, "line 3 of the trace is not an event"},
		{"a JSON array", "[1,2]", 0, "line 1 of the trace is not an event"},
		{"a line too long", `{"seq":1}` + "\n" + strings.Repeat("x", 2<<20), 1, "is it JSON Lines"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := 0
			var last error
			for e, err := range event.Read(strings.NewReader(test.text)) {
				require.NoError(t, last, "an error must end the trace")
				if last = err; err == nil {
					n++
					require.EqualValues(t, n, e.Seq)
				} else {
					require.Nil(t, e)
				}
			}
			require.Equal(t, test.n, n)
			if test.err == "" {
				require.NoError(t, last)
			} else {
				require.ErrorContains(t, last, test.err)
			}
		})
	}
	for _, err := range event.Read(iotest.ErrReader(os.ErrClosed)) {
		require.ErrorIs(t, err, os.ErrClosed)
	}
	for range event.Read(strings.NewReader("{}\n{}\n")) {
		break // must not go on
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWriterKeepsTheFirstError(t *testing.T) {
	first := errors.New("the first")
	f := &failing{first}
	w := event.NewWriter(f)
	w.Add(&event.Event{Input: &event.Input{Reason: strings.Repeat("x", 10_000)}})
	f.err = errors.New("another")
	w.Add(&event.Event{})
	require.ErrorIs(t, w.Err(), first)
	require.ErrorIs(t, w.Err(), first)
}

func TestNilLog(t *testing.T) {
	var l *event.Log
	require.False(t, l.Enabled())
	l.SetBoot(1)
	l.Add(event.Event{})
}

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l event.Log
		require.False(t, l.Enabled())
		l.Add(event.Event{}) // numbered, though nobody listens
		var a, b []event.Event
		cancelA := l.Subscribe(func(e *event.Event) { a = append(a, *e) })
		require.True(t, l.Enabled())
		cancelB := l.Subscribe(func(e *event.Event) { b = append(b, *e) })

		at := time.Now()
		l.SetBoot(1)
		l.Add(event.Event{Seq: 99, Boot: 99, Power: &event.Power{Action: "on"}})
		cancelA()
		cancelA() // does nothing
		require.True(t, l.Enabled())
		time.Sleep(time.Second)
		l.SetBoot(2)
		l.Add(event.Event{Power: &event.Power{Action: "off"}})
		cancelB()
		require.False(t, l.Enabled())
		l.Add(event.Event{})
		defer l.Subscribe(func(e *event.Event) { a = append(a, *e) })()
		l.Add(event.Event{})

		on := event.Event{Seq: 2, Time: at, Boot: 1, Power: &event.Power{Action: "on"}}
		off := event.Event{Seq: 3, Time: at.Add(time.Second), Boot: 2, Power: &event.Power{Action: "off"}}
		require.Empty(t, cmp.Diff([]event.Event{on, off}, b))
		require.Empty(t, cmp.Diff([]event.Event{on, {Seq: 5, Time: at.Add(time.Second), Boot: 2}}, a))
	})
}

func TestLogConcurrently(t *testing.T) {
	var l event.Log
	var seen []uint64
	defer l.Subscribe(func(e *event.Event) { seen = append(seen, e.Seq) })()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				l.Add(event.Event{Link: &event.Link{}})
				l.SetBoot(1)
				l.Subscribe(func(*event.Event) {})()
			}
		})
	}
	wg.Wait()
	require.Len(t, seen, 800)
	for i, seq := range seen {
		require.EqualValues(t, i+1, seq, "without gaps and in order")
	}
}

// Whatever a trace holds, what is read from it can be written and read again.
func FuzzRead(f *testing.F) {
	for _, e := range payloads() {
		line, err := json.Marshal(e)
		require.NoError(f, err)
		f.Add(line)
	}
	f.Add([]byte("{}\n\n{\"seq\":-1}\n"))
	f.Fuzz(func(t *testing.T, trace []byte) {
		var first, second bytes.Buffer
		w := event.NewWriter(&first)
		for e, err := range event.Read(bytes.NewReader(trace)) {
			if err != nil {
				break
			}
			w.Add(e)
		}
		if w.Err() != nil {
			return // a time that JSON cannot hold
		}
		w = event.NewWriter(&second)
		for e, err := range event.Read(bytes.NewReader(first.Bytes())) {
			require.NoError(t, err)
			w.Add(e)
		}
		require.NoError(t, w.Err())
		require.Equal(t, first.String(), second.String())
	})
}
