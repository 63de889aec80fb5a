package assume_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/facts"
	"nrf91emu/emulator/profile"
)

// Each fact about %CMNG, +CFUN and wear that is chosen or deviates is a question, or
// there is a reason why not.
func TestEveryChoiceHasASwitch(t *testing.T) {
	names := map[string]bool{}
	for _, q := range assume.Questions() {
		_, ok := facts.Lookup(q.Name)
		require.True(t, ok, q.Name)
		names[q.Name] = true
		require.GreaterOrEqual(t, len(q.Answers), 2, q.Name)
	}
	for name := range assume.Settled {
		_, ok := facts.Lookup(name)
		require.True(t, ok, "%s is no fact any more", name)
	}
	for _, f := range facts.All() {
		if s := f.Subject(); s != "cmng" && s != "cfun" && s != "wear" {
			continue
		}
		free := slices.ContainsFunc(f.Sources, func(s facts.Source) bool { return s.Mark == facts.Chosen || s.Mark == facts.Deviation })
		_, settled := assume.Settled[f.Name]
		require.False(t, names[f.Name] && settled, f.Name)
		if free {
			require.True(t, names[f.Name] || settled, "%s is chosen and has no switch", f.Name)
		} else {
			require.False(t, names[f.Name] || settled, "%s is not chosen", f.Name)
		}
	}
}

// Each answer but the first changes the default modem, and no two change it alike.
func TestAnswersDiffer(t *testing.T) {
	p, err := profile.Lookup(profile.Default)
	require.NoError(t, err)
	seen := []profile.Profile{p}
	for _, q := range assume.Questions() {
		for i, a := range q.Answers {
			s := assume.Set{}
			require.NoError(t, s.Add(q.Name+"="+a.Name))
			changed := p
			s.Apply(&changed)
			if i == 0 {
				require.Equal(t, p, changed, q.Name)
				require.Equal(t, "as it is", s.String())
				continue
			}
			require.NotContains(t, seen, changed, q.Name)
			require.Equal(t, q.Name+"="+a.Name, s.String())
			seen = append(seen, changed)
		}
	}
}

func TestParsePlan(t *testing.T) {
	read := func(name string, s assume.Set) error {
		if name != "kit.txt" {
			return os.ErrNotExist
		}
		return s.Read(strings.NewReader("# a kit\n\ncmng/overwrite=replace # as expected\n"))
	}
	for _, test := range []struct {
		words string
		n     int
		fixed string
		err   string
	}{
		{"", 1, "as it is", ""},
		{"all", 16, "as it is", ""},
		{"all cmng/overwrite=519", 8, "cmng/overwrite=519", ""},
		{"all kit.txt", 8, "as it is", ""},
		{"cmng/overwrite", 2, "as it is", ""},
		{"cfun/boot all", 32, "as it is", ""},
		{"cmng/overwrite=519 wear/same-content=nothing", 1, "cmng/overwrite=519 wear/same-content=nothing", ""},
		{"cmng/overwrite=520", 0, "", "is answered by replace or 519, not by \"520\""},
		{"cmng/overwrite=519 kit.txt", 0, "", "answered twice"},
		{"cmng/overwrite=519 cmng/overwrite", 0, "", "fixed and to be varied"},
		{"other.txt", 0, "", "not exist"},
	} {
		p, err := assume.ParsePlan(strings.Fields(test.words), read)
		if test.err != "" {
			require.ErrorContains(t, err, test.err, test.words)
			continue
		}
		require.NoError(t, err, test.words)
		require.Equal(t, test.n, p.Combinations(), test.words)
		require.Equal(t, test.fixed, p.Fixed.String(), test.words)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "no answer in it",
		"# nothing\n":                    "no answer in it",
		"cmng/overwrite\n":               "line 1: cmng/overwrite is answered by",
		"\ncmng/other=1":                 "line 2: there is no question",
		strings.Repeat("\n", 1001) + "x": "more than 1000 lines",
		strings.Repeat("x", 1<<17):       "too long",
	} {
		require.ErrorContains(t, assume.Set{}.Read(strings.NewReader(text)), want)
	}
	require.Error(t, errors.Join(assume.Set{}.Add("")))
}

// A watch sees only what could have made a difference.
func TestWatch(t *testing.T) {
	var names []string
	for _, q := range assume.Questions() {
		names = append(names, q.Name)
	}
	tag, ca, cert := uint32(24), event.RootCA, event.ClientCertificate
	op := func(c event.Credential) event.Event {
		c.ID, c.SecTag = 1, &tag
		if c.Type == nil {
			c.Type = &ca
		}
		return event.Event{Credential: &c}
	}
	warning := event.Event{Power: &event.Power{Action: event.PowerWarning}}
	for _, test := range []struct {
		name   string
		events []event.Event
		want   []string
	}{
		{"nothing", nil, nil},
		{"a first write", []event.Event{op(event.Credential{Op: "write", After: "A"})}, []string{"cmng/store-full"}},
		{"another content", []event.Event{op(event.Credential{Op: "write", Before: "A", After: "B"})}, []string{"cmng/overwrite", "cmng/store-full"}},
		{"the same content", []event.Event{op(event.Credential{Op: "write", Before: "A", After: "A"})}, []string{"cmng/overwrite", "wear/same-content", "cmng/store-full"}},
		{"online", []event.Event{op(event.Credential{Op: "write", Before: "A", After: "A", Error: true, CME: 518})}, []string{"cmng/store-full"}},
		{"a read of a CA", []event.Event{op(event.Credential{Op: "read", Before: "A"})}, []string{"cmng/oversize-crash"}},
		{"a read of a certificate", []event.Event{op(event.Credential{Op: "read", Type: &cert, Before: "A"})}, []string{"cmng/read-client-certificate", "cmng/oversize-crash"}},
		{"a read of none", []event.Event{op(event.Credential{Op: "read", Type: &cert})}, nil},
		{"a list", []event.Event{op(event.Credential{Op: "list"})}, nil},
		{"a list under the warning", []event.Event{warning, op(event.Credential{Op: "list"})}, []string{"cmng/power-warning-reads"}},
		{"the mode", []event.Event{{Command: &event.Command{Name: "+CFUN", Form: "read"}}}, []string{"cfun/boot", "cfun/read-derived"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := assume.NewWatch(names)
			for i := range test.events {
				w.Add(&test.events[i])
			}
			require.Equal(t, test.want, w.Met())
		})
	}
}
