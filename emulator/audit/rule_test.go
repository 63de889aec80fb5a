package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
)

// judge plays a session and returns the report.
func judge(t testing.TB, opt audit.Options, script string) *audit.Report {
	a := audit.New(opt)
	newModem(t, a.Add).play(script)
	return a.Report()
}

// found returns the findings of a report in short, such as "P04 error 24:0 x2".
func found(r *audit.Report) []string {
	list := []string{}
	for _, f := range r.Findings {
		s := f.Rule + " " + f.Level.String()
		if f.SecTag != nil {
			s += fmt.Sprintf(" %d", *f.SecTag)
		}
		if f.Type != nil {
			s += fmt.Sprintf(":%d", *f.Type)
		}
		if f.Count > 1 {
			s += fmt.Sprintf(" x%d", f.Count)
		}
		list = append(list, s)
	}
	return list
}

// above returns the findings of warning level and up.
func above(r *audit.Report) []string {
	list := []string{}
	for _, s := range found(r) {
		if !strings.Contains(s, " info") {
			list = append(list, s)
		}
	}
	return list
}

// Every rule's bad example must be found by it, and its good example by none.
func TestExamples(t *testing.T) {
	for _, r := range audit.Rules() {
		if r.Topic == audit.Budget {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			require.NotEmpty(t, r.Bad)
			require.NotEmpty(t, r.Good)
			var levels []audit.Level
			for _, f := range judge(t, audit.Options{}, r.Bad).Findings {
				if f.Rule == r.ID {
					levels = append(levels, f.Level)
					require.Equal(t, r.Title, f.Title)
					require.NotEmpty(t, f.What)
				}
			}
			require.NotEmpty(t, levels, "the bad example is not found")
			require.Contains(t, levels, r.Level)
			require.Empty(t, above(judge(t, audit.Options{}, r.Good)))
		})
	}
}

func TestRuleTexts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range audit.Rules() {
		require.False(t, seen[r.ID], r.ID)
		seen[r.ID] = true
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, r.Name)
		for _, form := range []string{r.ID, strings.ToLower(r.ID), r.Name, r.String()} {
			require.Same(t, r, audit.Lookup(form), form)
		}
		if r.Topic != audit.Budget {
			require.FileExists(t, strings.ToLower(r.ID)+"_"+strings.ReplaceAll(r.Name, "-", "_")+".go")
		}
		explained := r.Explain()
		for _, text := range []string{r.ID, r.Name, r.Title} {
			require.Contains(t, explained, text)
		}
		for line := range strings.Lines(explained) {
			require.LessOrEqual(t, len(line), 140, "%s: %s", r, line)
		}
		for name, text := range map[string]string{
			"Title": r.Title, "Sees": r.Sees, "Why": r.Why, "Source": r.Source, "Fix": r.Fix, "Topic": string(r.Topic),
		} {
			require.NotEmpty(t, text, "%s of %s", name, r.ID)
			require.Equal(t, strings.TrimSpace(text), text, "%s of %s", name, r.ID)
		}
		require.True(t, strings.HasSuffix(r.Why, ".") && strings.HasSuffix(r.Fix, "."), r.ID)
		require.False(t, strings.HasSuffix(r.Sees, ".") || strings.HasSuffix(r.Source, "."), r.ID)
	}
	for n := 1; n <= 36; n++ {
		require.True(t, seen[fmt.Sprintf("P%02d", n)], n)
	}
	require.Nil(t, audit.Lookup("P99"))
}
