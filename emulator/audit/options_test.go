package audit_test

import (
	"math"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

func TestLoadConfig(t *testing.T) {
	// All keys, as the documentation shows them.
	var all strings.Builder
	for line := range strings.Lines(audit.Documentation) {
		if text, ok := strings.CutPrefix(line, "//\t"); ok {
			all.WriteString(text)
		}
	}
	full := audit.Options{
		Levels: map[string]audit.Level{"P16": audit.Off, "P03": audit.Error},
		Budgets: audit.Budgets{WritesPerBoot: audit.Limit(3), WritesPerRun: audit.Limit(3),
			PageErases: audit.Limit(0), Years: audit.Limit(10.0)},
		Flash:       audit.Geometry{Pages: 64, PageSize: 4096, Endurance: 10_000},
		BootsPerDay: 48,
	}
	for _, test := range []struct {
		name, text string
		want       audit.Options
		err        string
	}{
		{"all", all.String(), full, ""},
		{"nothing", "", audit.Options{}, ""},
		{"a comment", "# nothing\n", audit.Options{}, ""},
		{"every level", "rules: {P16: off, P03: error, P29: warning, B01: info}", audit.Options{Levels: map[string]audit.Level{"P16": audit.Off, "P03": audit.Error, "P29": audit.Warning, "B01": audit.Info}}, ""},
		{"one budget", "budgets: {lifetime: {years: 2.5}}", audit.Options{Budgets: audit.Budgets{Years: audit.Limit(2.5)}}, ""},
		{"unknown rule", "rules: {P99: off}", audit.Options{}, `there is no rule "P99"`},
		{"unknown level", "rules: {P16: no}", audit.Options{}, `there is no level "no": use off, info, warning or error`},
		{"unknown budget", "budgets: {writes: 3}", audit.Options{}, `line 1: there is no key "budgets.writes"; use one of lifetime, page_erases, writes_per_boot, writes_per_run`},
		{"unknown section", "rule: {P16: off}", audit.Options{}, `line 1: there is no key "rule"; use one of budgets, expect, flash, rules`},
		{"twice", "rules: {P16: off, P16: error}", audit.Options{}, "P16"},
		{"negative", "budgets: {writes_per_run: -1}", audit.Options{}, "use 0 or more"},
		{"no years", "budgets: {lifetime: {years: 0}}", audit.Options{}, "use more than 0"},
		{"no boots", "budgets: {lifetime: {boots_per_day: 0}}", audit.Options{}, "use more than 0"},
		{"no pages", "flash: {pages: 0}", audit.Options{}, "flash.pages is 0: use more than 0"},
		{"words", "budgets: {writes_per_run: many}", audit.Options{}, `line 1: budgets.writes_per_run is a whole number from 0, not "many"`},
		{"a scalar", "budgets: 3", audit.Options{}, "line 1: budgets is a mapping of keys to values"},
		{"no file", "expect: {24:ca: ''}", audit.Options{}, "line 1: expect.24:ca is a file, or absent"},
		{"a list", "[1, 2]", audit.Options{}, "cannot be used"},
		{"two documents", "rules: {}\n---\nrules: {}\n", audit.Options{}, "more than one"},
		{"no YAML", "rules: {P16: off", audit.Options{}, "cannot be used"},
		{"too much", "#" + strings.Repeat("x", 1<<20), audit.Options{}, "is it the right file?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := audit.LoadConfig(strings.NewReader(test.text))
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				require.NotRegexp(t, `audit\.|int|struct|unmarshal|!!`, err.Error(), "words of Go and of the YAML library")
				return
			}
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(test.want, got.Options))
			require.NoError(t, got.Check())
		})
	}
	_, err := audit.LoadConfig(iotest.ErrReader(os.ErrClosed))
	require.ErrorIs(t, err, os.ErrClosed)
}

func FuzzLoadConfig(f *testing.F) {
	f.Add("rules:\n  P16: off\nbudgets:\n  lifetime: {years: 1e3}\n")
	f.Add("flash: &a {pages: 1}\nbudgets: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		opt, err := audit.LoadConfig(strings.NewReader(text))
		if err == nil {
			require.NoError(t, opt.Check())
			audit.New(opt.Options).Report()
		}
	})
}

func TestOptionsSet(t *testing.T) {
	var opt audit.Options
	require.NoError(t, opt.Set("P16=off"))
	other := opt
	require.NoError(t, other.Set("P03=error"))
	require.Equal(t, map[string]audit.Level{"P16": audit.Off}, opt.Levels, "a copy must not change the original")
	require.NoError(t, other.Set("written-without-asking=info"))
	require.Equal(t, audit.Info, other.Levels["P03"])
	for _, word := range []string{"", "P16", "P16=", "P16=loud", "X=off"} {
		require.Error(t, opt.Set(word), word)
	}
}

func TestOptionsCheck(t *testing.T) {
	require.NoError(t, audit.Options{}.Check())
	for _, opt := range []audit.Options{
		{Levels: map[string]audit.Level{"P99": audit.Off}},
		{Levels: map[string]audit.Level{"P01": 7}},
		{Levels: map[string]audit.Level{"P01": audit.Off, "changed-while-online": audit.Error}},
		{Budgets: audit.Budgets{PageErases: audit.Limit(-1)}},
		{Budgets: audit.Budgets{Years: audit.Limit(math.NaN())}},
		{BootsPerDay: -1},
		{BootsPerDay: math.NaN()},
		{Flash: audit.Geometry{Pages: -1}},
	} {
		require.Error(t, opt.Check(), "%+v", opt)
	}
}

func TestLevels(t *testing.T) {
	const script = "AT%CMNG=0,24,2,<key> -> OK"
	require.Equal(t, []string{"P03 warning 24:2", "P29 info 24:2"}, found(judge(t, audit.Options{}, script)))
	r := judge(t, audit.Options{Levels: map[string]audit.Level{"written-without-asking": audit.Off, "P29": audit.Error}}, script)
	require.Equal(t, []string{"P29 error 24:2"}, found(r))
	require.False(t, r.Sound)
	require.NotContains(t, r.Rules, "P03")
	require.Contains(t, r.Rules, "P29")

	for _, l := range []audit.Level{audit.Off, audit.Info, audit.Warning, audit.Error} {
		text, err := l.MarshalText()
		require.NoError(t, err)
		var got audit.Level
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, l, got)
	}
	require.Error(t, new(audit.Level).UnmarshalText([]byte("loud")))
	require.Equal(t, "Level(9)", audit.Level(9).String())
}

func TestBudgets(t *testing.T) {
	// One write in boot 1, two in boot 2, each of 34 bytes and one page erase.
	play := func(b audit.Budgets) *audit.Report {
		a := audit.New(audit.Options{
			Budgets: b, Flash: audit.Geometry{Pages: 2, PageSize: 4096, Endurance: 1000},
			Levels: map[string]audit.Level{"P22": audit.Off, "P31": audit.Off},
		})
		m := newModem(t, func(e *event.Event) {
			if e.Credential != nil && e.Credential.Cost.Programmed > 0 {
				e.Credential.Cost.Erases = 1
			}
			a.Add(e)
		})
		m.at("AT%%CMNG=1")
		m.at(`AT%%CMNG=0,24,4,"a1"`)
		m.powerCycle()
		m.at("AT%%CMNG=1")
		m.at(`AT%%CMNG=0,24,4,"b2"`)
		m.at(`AT%%CMNG=0,25,4,"c3"`)
		return a.Report()
	}
	for _, test := range []struct {
		name string
		b    audit.Budgets
		want []string
		what string
		at   audit.Place
	}{
		{"none", audit.Budgets{}, []string{}, "", audit.Place{}},
		{"per boot, kept", audit.Budgets{WritesPerBoot: audit.Limit(2)}, []string{}, "", audit.Place{}},
		{"per boot", audit.Budgets{WritesPerBoot: audit.Limit(1)}, []string{"B01 error"}, "Boot 2 wrote 2 credentials; the budget is 1.",
			audit.Place{Boot: 2, Exchange: 3, Command: "AT%CMNG=0,25,4,..."}},
		{"per boot, none", audit.Budgets{WritesPerBoot: audit.Limit(0)}, []string{"B01 error x2"}, "Boot 1 wrote 1 credential; the budget is 0.",
			audit.Place{Boot: 1, Exchange: 2, Command: "AT%CMNG=0,24,4,..."}},
		{"per run, kept", audit.Budgets{WritesPerRun: audit.Limit(3)}, []string{}, "", audit.Place{}},
		{"per run", audit.Budgets{WritesPerRun: audit.Limit(2)}, []string{"B02 error"}, "2 boots wrote 3 credentials; the budget is 2.",
			audit.Place{Boot: 2, Exchange: 3, Command: "AT%CMNG=0,25,4,..."}},
		{"erases, kept", audit.Budgets{PageErases: audit.Limit(3)}, []string{}, "", audit.Place{}},
		{"erases", audit.Budgets{PageErases: audit.Limit(2)}, []string{"B03 error"}, "2 boots erased 3 pages; the budget is 2.",
			audit.Place{Boot: 2, Exchange: 3, Command: "AT%CMNG=0,25,4,..."}},
		// 2 syncs a boot are 500 boots of 1000 erases, 21 days; 2 pages of 1000 erases at 2 a boot 1000.
		{"lifetime, kept", audit.Budgets{Years: audit.Limit(0.05)}, []string{}, "", audit.Place{}},
		{"lifetime", audit.Budgets{Years: audit.Limit(0.2)}, []string{"B04 error"},
			"Each boot programs 68 bytes, so that at this rate the flash is worn out after 500 boots (21 days at 24 boots a day) by Nordic's rule of one erase per sync, and at the very best after 1,000 (1 month); the budget is 0.2 years.",
			audit.Place{Boot: 2, Exchange: 3, Command: "AT%CMNG=0,25,4,..."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := play(test.b)
			require.Equal(t, test.want, found(r))
			if test.what != "" {
				require.Equal(t, test.what, r.Findings[0].What)
				require.Equal(t, test.at, r.Findings[0].Places[0])
			}
		})
	}
}

func TestLifetime(t *testing.T) {
	g := audit.Geometry{Pages: 64, PageSize: 4096, Endurance: 10_000}
	for _, test := range []struct {
		name  string
		cost  event.Cost
		syncs int
		boots int
		floor float64 // boots
		want  float64
	}{
		{"erases", event.Cost{Programmed: 100, Erases: 4}, 2, 2, 10_000, 320_000},
		{"bytes alone", event.Cost{Programmed: 8192}, 1, 2, 20_000, 640_000},
		{"bytes ahead of erases", event.Cost{Programmed: 3 * 4096, Erases: 1}, 4, 1, 2_500, 640_000.0 / 3},
		{"erases beyond the floor", event.Cost{Erases: 1000}, 1, 1, 640, 640},
	} {
		l := g.NewLifetime(audit.Usage{Cost: test.cost, Syncs: test.syncs, Boots: test.boots}, 24)
		require.InEpsilon(t, test.want, l.Boots, 1e-9, test.name)
		require.InEpsilon(t, test.floor, l.FloorBoots, 1e-9, test.name)
		require.InEpsilon(t, test.floor/24/365.25, l.FloorYears, 1e-9, test.name)
		require.InEpsilon(t, test.want/24/365.25, l.Years, 1e-9, test.name)
	}
	require.Nil(t, g.NewLifetime(audit.Usage{Boots: 3}, 24))
	require.Nil(t, g.NewLifetime(audit.Usage{Cost: event.Cost{Programmed: 1}, Syncs: 1}, 24))
	one := audit.Usage{Cost: event.Cost{Programmed: 4096}, Syncs: 1, Boots: 1}
	require.Equal(t, g.NewLifetime(one, 24), audit.Geometry{}.NewLifetime(one, 24))
	require.Equal(t, "at this rate the flash is worn out after 10,000 boots (1.1 years at 24 boots a day) by Nordic's rule of one erase per sync, and at the very best after 640,000 (73 years)",
		g.NewLifetime(one, 24).String())
	require.Equal(t, "at this rate the flash is worn out after 10,000 boots (27 years at 1 boot a day) by Nordic's rule of one erase per sync, and at the very best after 640,000 (1,752 years)",
		g.NewLifetime(one, 1).String())
	// A CA that is rewritten at every boot: 417 days at 24 boots a day.
	require.InDelta(t, 417, g.NewLifetime(one, 24).FloorYears*365.25, 1)
	// Three syncs a day outlast about ten years (fact wear/endurance).
	one.Syncs = 3
	require.InEpsilon(t, 10, g.NewLifetime(one, 1).FloorYears, 0.1)
}

// A run in which nothing was sent is no fault, but the text must not praise it.
func TestNothingSent(t *testing.T) {
	a := audit.New(audit.Options{})
	newModem(t, a.Add)
	var b strings.Builder
	require.NoError(t, a.Report().WriteText(&b, audit.TextOptions{}))
	require.Equal(t, "nothing seen: no command was sent, so there was nothing to judge\n", b.String())
}

// Notes are counted when they are not shown.
func TestNotesAreCounted(t *testing.T) {
	var b strings.Builder
	r := judge(t, audit.Options{}, "AT%CMNG=1 -> OK\nAT%CMNG=0,24,2,<key> -> OK")
	require.NoError(t, r.WriteText(&b, audit.TextOptions{}))
	require.Regexp(t, `^sound: 1 boot, 1 write, .*; 1 note not shown\n$`, b.String())
}
