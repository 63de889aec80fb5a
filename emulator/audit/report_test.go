package audit_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	_ "nrf91emu/emulator/app/dialects" // whose commands the record knows
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to make it")
	require.Empty(t, cmp.Diff(string(want), string(got)))
}

// badReport has findings of each level, on the port, of credentials and of a
// connection, whose texts do not depend on keys made by the test.
func badReport(t *testing.T) *audit.Report {
	a := audit.New(audit.Options{
		Levels:  map[string]audit.Level{"P29": audit.Off},
		Budgets: audit.Budgets{WritesPerRun: audit.Limit(4)},
	})
	m := newModem(t, a.Add)
	for boot := 1; boot <= 7; boot++ {
		if boot > 1 {
			m.powerCycle()
		}
		m.at("AT+CFUN=0")
		m.at(`AT%%CMNG=0,24,3,"0011223344"`)
		m.at(`AT%%CMNG=0,24,4,"device%d"`, boot)
	}
	m.at(`AT%%CMNG=0,25,0,"HONK"`)
	m.at("AT+CFUN=1")
	m.tls(tls{peer: "broker.example:8883", tags: []uint32{24, 42}, verify: 0})
	m.at(`AT%%CMNG=3,24,4`)
	m.emit(event.Event{Input: &event.Input{Problem: "early", Bytes: 4}})
	return a.Report()
}

func soundReport(t *testing.T) *audit.Report {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	for range 3 {
		h := host{m, true}
		if !h.exists(24, 4) {
			h.write(24, 4, "device")
			h.write(24, 3, "0011223344")
		}
		m.powerCycle()
	}
	return a.Report()
}

func TestGolden(t *testing.T) {
	reports := map[string]*audit.Report{"bad": badReport(t), "sound": soundReport(t)}
	forms := map[string]func(*audit.Report, io.Writer) error{
		"txt":        func(r *audit.Report, w io.Writer) error { return r.WriteText(w, audit.TextOptions{}) },
		"notes.txt":  func(r *audit.Report, w io.Writer) error { return r.WriteText(w, audit.TextOptions{Notes: true}) },
		"color.txt":  func(r *audit.Report, w io.Writer) error { return r.WriteText(w, audit.TextOptions{Color: true}) },
		"json":       (*audit.Report).WriteJSON,
		"xml":        func(r *audit.Report, w io.Writer) error { return r.WriteJUnit(w, "provisioning") },
		"github.txt": (*audit.Report).WriteGitHub,
	}
	for name, r := range reports {
		for form, write := range forms {
			t.Run(name+"."+form, func(t *testing.T) {
				var b bytes.Buffer
				require.NoError(t, write(r, &b))
				golden(t, name+"."+form, b.Bytes())
				require.ErrorIs(t, write(r, brokenWriter{}), os.ErrClosed)
			})
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestDocGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, audit.WriteDoc(&b))
	for _, r := range audit.Rules() {
		require.Contains(t, b.String(), "\n## "+r.ID+" "+r.Name+"\n")
	}
	golden(t, "rules.md", b.Bytes())
	require.ErrorIs(t, audit.WriteDoc(brokenWriter{}), os.ErrClosed)
}

func TestJSONRoundTrip(t *testing.T) {
	r := badReport(t)
	var b bytes.Buffer
	require.NoError(t, r.WriteJSON(&b))
	var got audit.Report
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	var again bytes.Buffer
	require.NoError(t, got.WriteJSON(&again))
	require.Equal(t, b.String(), again.String())
}

func TestJUnitIsWellFormed(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, badReport(t).WriteJUnit(&b, `a "name" <with> & all`))
	for dec := xml.NewDecoder(&b); ; {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
	}
}

// What a host sends must not steer the terminal or the CI that shows a report.
func TestRenderingsAreClean(t *testing.T) {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	m.at("AT")
	m.emit(event.Event{Command: &event.Command{ID: 1, Text: "AT%CMNG=0,\x1b[31m24,3,\xff::error::\r\n\"x", Name: "%CMNG"}})
	tag, typ := uint32(24), event.CredentialType(3)
	m.emit(event.Event{Credential: &event.Credential{ID: 1, Op: "write", SecTag: &tag, Type: &typ, Before: "A", After: "A",
		Content: event.Describe([]byte("x"), true)}})
	m.tls(tls{peer: "evil\x1b[0m\n::error::peer:1", tags: []uint32{1}})
	r := a.Report()
	require.NotEmpty(t, r.Findings)
	var b bytes.Buffer
	require.NoError(t, r.WriteText(&b, audit.TextOptions{Notes: true}))
	require.NotContains(t, b.String(), "\x1b")
	b.Reset()
	require.NoError(t, r.WriteGitHub(&b))
	for line := range strings.Lines(b.String()) {
		require.Regexp(t, `^::(error|warning|notice) title=P\d\d [^:,]*::`, line)
	}
	b.Reset()
	require.NoError(t, r.WriteJUnit(&b, "x"))
	require.NoError(t, xml.Unmarshal(b.Bytes(), new(struct{})))
}

// A report in the middle of a boot must not change the next one.
func TestReportIsPure(t *testing.T) {
	play := func(often bool) *audit.Report {
		a := audit.New(audit.Options{Budgets: audit.Budgets{WritesPerBoot: audit.Limit(0)}})
		m := newModem(t, func(e *event.Event) {
			a.Add(e)
			if often {
				a.Report()
			}
		})
		for _, p := range badPrograms {
			p.run(host{m, false}, content(t, "ca"), content(t, "client certificate"), content(t, "key"))
			m.powerCycle()
		}
		return a.Report()
	}
	require.Empty(t, cmp.Diff(play(false), play(true), cmp.AllowUnexported(audit.Finding{})))
}

func TestTrace(t *testing.T) {
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	live := audit.New(audit.Options{})
	m := newModem(t, func(e *event.Event) { live.Add(e); w.Add(e) })
	for range 3 {
		badPrograms[0].run(host{m, false}, content(t, "ca"), "", "")
		m.powerCycle()
	}
	require.NoError(t, w.Err())
	later, err := audit.ReadAll(bytes.NewReader(trace.Bytes()), audit.Options{})
	require.NoError(t, err)
	require.Len(t, later, 1)
	require.Empty(t, later[0].String())
	require.Empty(t, cmp.Diff(live.Report(), later[0].Report, cmp.AllowUnexported(audit.Finding{})))
	require.NotEmpty(t, live.Report().Findings)

}

// What is no whole record of nrf91emu is not judged.
func TestTraceThatIsNone(t *testing.T) {
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	m := newModem(t, w.Add)
	badPrograms[0].run(host{m, false}, content(t, "ca"), "", "")
	m.power("cut")
	whole := strings.SplitAfter(strings.TrimSpace(trace.String()), "\n")
	last := len(whole)
	join := strings.Join
	for _, tt := range []struct{ name, trace, want string }{
		{"whole", join(whole, ""), ""},
		{"empty", "\n\n", "no events"},
		{"a line that is none", join(whole[:1], "") + "nonsense\n", "line 2"},
		{"half a line", join(whole, "")[:trace.Len()-10], fmt.Sprintf("line %d", last)},
		{"an object without anything", "{}", "event 1 of the trace says nothing"},
		{"null", "null\n", "event 1 of the trace says nothing"},
		{"of another version", join(whole[:1], "") + `{"seq":2,"boot":1,"kredential":{"id":1}}`, "event 2 of the trace says nothing"},
		{"without its beginning", join(whole[3:], ""), "events 1 to 3 are missing"},
		{"without a line", join(whole[:2], "") + join(whole[3:], ""), "event 3 is missing"},
		{"backwards", whole[0] + whole[1] + whole[0], "begins anew"},
		{"not in order", join(whole[:3], "") + whole[1], "event 2 of the trace comes after event 3"},
		{"twice", join(whole, "") + "\n" + join(whole, ""), "begins anew"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, err := audit.ReadAll(strings.NewReader(tt.trace), audit.Options{})
			if tt.want == "" {
				require.NoError(t, err)
				require.False(t, all[0].Open)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	all, err := audit.ReadAll(strings.NewReader(join(whole[:last-1], "")), audit.Options{})
	require.NoError(t, err)
	require.True(t, all[0].Open)
}

// Runs and devices in one trace are judged each by itself.
func TestTraceOfManyRuns(t *testing.T) {
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	for run := 1; run <= 3; run++ {
		m := newModem(t, func(e *event.Event) {
			kept := *e
			kept.Run, kept.Device = run, 1
			w.Add(&kept)
			if kept.Device = 2; e.Command == nil && e.Response == nil && e.Credential == nil {
				w.Add(&kept)
			}
		})
		badPrograms[0].run(host{m, false}, content(t, "ca"), "", "")
	}
	require.NoError(t, w.Err())
	all, err := audit.ReadAll(&trace, audit.Options{AllowIdle: true})
	require.NoError(t, err)
	require.Len(t, all, 6)
	for i, j := range all {
		require.Equal(t, fmt.Sprintf("run %d, device %d", i/2+1, i%2+1), j.String())
		require.Equal(t, all[i%2].Totals, j.Totals, "a run knows nothing of the one before")
	}
	require.Positive(t, all[0].Totals.Writes)
	require.Zero(t, all[1].Totals.Writes)
	require.Equal(t, "run 2, power cut during flash step 7", audit.Judged{Run: 2, CutStep: 7}.String())

	for _, allowed := range []bool{false, true} {
		idle, busy := audit.New(audit.Options{AllowIdle: allowed}), audit.New(audit.Options{AllowIdle: allowed})
		newModem(t, idle.Add)
		newModem(t, busy.Add).at("AT")
		one := audit.Merge([]*audit.Report{busy.Report(), idle.Report()})
		require.Equal(t, !allowed, one.NothingSeen, "a device that is not used")
		require.Equal(t, !allowed, one.WhyNothing != "")
		require.NotEmpty(t, audit.Merge([]*audit.Report{idle.Report(), idle.Report()}).WhyNothing)
	}

	merged := audit.Merge([]*audit.Report{all[0].Report, all[1].Report, all[2].Report})
	require.Equal(t, 2*all[0].Totals.Writes, merged.Totals.Writes)
	require.Equal(t, all[0].Totals.Boots, merged.Totals.Boots)
	require.Equal(t, 2*all[0].Errors, merged.Errors)
	require.Same(t, all[0].Report, audit.Merge([]*audit.Report{all[0].Report}))
}

func TestMergedFindings(t *testing.T) {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	m.put(24, 3, "0011", true)
	for range 20 {
		m.at("AT%%CMNG=1")
		m.at(`AT%%CMNG=0,24,4,"me"`)
		m.at(`AT%%CMNG=0,24,4,"me"`)
		m.powerCycle()
	}
	r := a.Report()
	require.Equal(t, []string{"P04 error 24:4 x39"}, found(r))
	f := r.Findings[0]
	require.Equal(t, 20, f.Boots)
	require.Len(t, f.Places, 5)
	require.Equal(t, audit.Place{Boot: 1, Exchange: 3, Command: "AT%CMNG=0,24,4,..."}, f.Places[0])
	require.Equal(t, event.Cost{Programmed: 39 * 34}, f.Cost)
	require.NotNil(t, f.Lifetime)
}

// Whatever a host does, memory stays bounded.
func TestBounds(t *testing.T) {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	m.quiet = true
	before := heap()
	for tag := range 8_000 {
		m.at(`AT%%CMNG=0,%d,0,"x%d"`, tag, tag)
		delete(m.store, audit.Key{SecTag: uint32(tag)})
		m.tls(tls{peer: fmt.Sprintf("host%d:1", tag), tags: []uint32{uint32(tag)}})
	}
	require.Less(t, int64(heap())-int64(before), int64(16<<20))
	r := a.Report()
	require.Len(t, r.Findings, 1000)
	require.Positive(t, r.Dropped)
	require.Positive(t, r.Totals.NotFollowed)
	runtime.KeepAlive(a)
}

// An error is told also where a thousand lesser findings came before it.
func TestErrorAmongMany(t *testing.T) {
	a := audit.New(audit.Options{Levels: map[string]audit.Level{"P22": audit.Off}})
	m := newModem(t, a.Add)
	for tag := range 1100 {
		m.at(`AT%%CMNG=0,%d,4,"x"`, tag)
	}
	m.powerCycle()
	require.True(t, a.Report().Sound)
	m.at(`AT%%CMNG=0,24,4,"x"`)
	m.powerCycle()
	m.at(`AT%%CMNG=0,24,4,"x"`)
	m.at(`AT%%CMNG=0,25,4,"x"`)
	r := a.Report()
	require.False(t, r.Sound)
	require.Equal(t, []string{"P04 error 24:4 x2", "P04 error 25:4"}, found(r)[:2])
	require.LessOrEqual(t, len(r.Findings), 1000)
	require.Equal(t, 2, r.Errors)
	require.Positive(t, r.Dropped)
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// A device that ages must not need more memory for more boots.
func TestManyBoots(t *testing.T) {
	good, bad := record(t, goodPrograms[0]), record(t, badPrograms[2].program)
	for _, events := range [][]event.Event{good, bad} {
		a := audit.New(audit.Options{})
		boot := 0
		age := func(n int) {
			for range n {
				boot++
				for _, e := range events {
					e.Boot = boot
					a.Add(&e)
				}
			}
		}
		age(100)
		before := heap()
		age(20_000)
		require.Less(t, int64(heap())-int64(before), int64(256<<10))
		require.Equal(t, boot, a.Report().Totals.Boots)
		runtime.KeepAlive(a)
	}
}

// record returns the events of a program's second boot.
func record(t testing.TB, p program) []event.Event {
	var events []event.Event
	m := newModem(t, func(e *event.Event) { events = append(events, *e) })
	p.run(host{m, true}, content(t, "ca"), "", "")
	events = nil
	m.powerCycle()
	p.run(host{m, true}, content(t, "ca"), "", "")
	return events
}

func BenchmarkBoot(b *testing.B) {
	for name, p := range map[string]program{"sound": goodPrograms[0], "bad": badPrograms[2].program} {
		b.Run(name, func(b *testing.B) {
			events := record(b, p)
			a := audit.New(audit.Options{})
			b.ReportAllocs()
			for n := range b.N {
				for i := range events {
					events[i].Boot = n + 1
					a.Add(&events[i])
				}
			}
		})
	}
}

// Any trace can be judged, whatever it holds.
func FuzzRead(f *testing.F) {
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	m := newModem(f, w.Add)
	for _, p := range badPrograms {
		p.run(host{m, false}, content(f, "ca"), content(f, "client certificate"), content(f, "key"))
	}
	require.NoError(f, w.Err())
	for line := range strings.Lines(trace.String()) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"boot":1,"credential":{"id":1,"op":"erase","sec_tag":1}}`))
	f.Fuzz(func(t *testing.T, trace []byte) {
		a := audit.New(audit.Options{})
		for e, err := range event.Read(bytes.NewReader(trace)) {
			if err != nil {
				break
			}
			a.Add(e)
		}
		_, _ = audit.ReadAll(bytes.NewReader(trace), audit.Options{})
		r := a.Report()
		require.NoError(t, r.WriteText(io.Discard, audit.TextOptions{Notes: true}))
		require.NoError(t, r.WriteJSON(io.Discard))
		require.NoError(t, r.WriteGitHub(io.Discard))
		var b bytes.Buffer
		require.NoError(t, r.WriteJUnit(&b, "x"))
		require.NoError(t, xml.Unmarshal(b.Bytes(), new(struct{})))
	})
}
