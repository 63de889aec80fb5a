package network_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"nrf91emu/emulator/network"
)

// TestDocumentation loads the file that the documentation shows: it has all keys, and
// the values that hold without it.
func TestDocumentation(t *testing.T) {
	var file strings.Builder
	for line := range strings.Lines(network.Documentation) {
		if text, ok := strings.CutPrefix(line, "//\t"); ok {
			file.WriteString(text)
		}
	}
	_, err := network.Load(strings.NewReader(file.String()))
	require.NoError(t, err, file.String())

	var tree map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(file.String()), &tree))
	var check func(path string, keys map[string]any)
	check = func(path string, keys map[string]any) {
		probe := "none: 1"
		if path != "" {
			probe = path + ": {none: 1}"
		}
		_, err := network.Load(strings.NewReader(probe))
		require.Error(t, err)
		_, names, _ := strings.Cut(err.Error(), "use one of ")
		require.Empty(t, cmp.Diff(strings.Split(names, ", "), slices.Sorted(maps.Keys(keys))), path)
		for key, v := range keys {
			if below, ok := v.(map[string]any); ok {
				check(key, below)
			}
		}
	}
	check("", tree)

	// Without the lines that are examples, and what stands alone then, it changes nothing.
	plain := regexp.MustCompile(`(?m)^.*# e\.g\..*\n(  - .*\n)?`).ReplaceAllString(file.String(), "")
	got, err := network.Load(strings.NewReader(plain))
	require.NoError(t, err, plain)
	want := network.Default()
	got.Complete("24201")
	want.Complete("24201")
	require.Equal(t, want, got)
}
