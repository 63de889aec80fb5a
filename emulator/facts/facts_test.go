package facts_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/facts"
)

// deviations is the page that is made from the facts; -update-like, UPDATE_FACTS=1
// rewrites it.
const deviations = "../DEVIATIONS.md"

// Every file of the package is well-formed, and names are unique.
func TestFactsAreWellFormed(t *testing.T) {
	names := map[string]bool{}
	for _, f := range facts.All() {
		require.False(t, names[f.Name], "%s stands twice", f.Name)
		names[f.Name] = true
		require.NotEmpty(t, f.Sources, f.Name)
		for _, s := range f.Sources {
			require.NotEmpty(t, s.Text, f.Name)
		}
		require.True(t, strings.HasSuffix(f.Text, ".") || strings.HasSuffix(f.Text, "`"), "%s: the statement ends with a full stop", f.Name)
		require.False(t, oldCitation.MatchString(f.Provenance()), "%s: the source is not public: %s", f.Name, f.Provenance())
		got, ok := facts.Lookup(f.Name)
		require.True(t, ok)
		require.Equal(t, f, got)
		require.True(t, slices.ContainsFunc(facts.Subject(f.Subject()), func(g facts.Fact) bool { return g.Name == f.Name }))
	}
	require.NotEmpty(t, names)
	_, ok := facts.Lookup("cmng/no-such-fact")
	require.False(t, ok)
}

func TestFactShowsItsSources(t *testing.T) {
	f, ok := facts.Lookup("cmng/list-layout")
	require.True(t, ok)
	require.Equal(t, "cmng", f.Subject())
	require.Equal(t, facts.Seen, f.Sources[0].Mark)
	require.Equal(t, "sdk-nrf tests/lib/modem_key_mgmt; transcripts of nRF9160 and nRF9151", f.Sources[0].Text)
	require.Equal(t, facts.Documented, f.Sources[1].Mark)
	require.Empty(t, f.Deviation())
	require.Contains(t, f.String(), "cmng/list-layout\nseen: sdk-nrf tests")
}

// The page of deviations is that of the facts.
func TestDeviationsAreCurrent(t *testing.T) {
	require.Greater(t, len(facts.Deviations()), 30)
	var b bytes.Buffer
	require.NoError(t, facts.WriteDeviations(&b))
	if os.Getenv("UPDATE_FACTS") != "" {
		require.NoError(t, os.WriteFile(deviations, b.Bytes(), 0o666))
	}
	have, err := os.ReadFile(deviations)
	require.NoError(t, err)
	require.Equal(t, string(have), b.String(), "run UPDATE_FACTS=1 go test ./emulator/facts")
}
