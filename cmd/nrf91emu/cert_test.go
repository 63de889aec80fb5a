package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCHeader reads the string back as a compiler does.
func TestCHeader(t *testing.T) {
	for _, text := range []string{"a\n", "a\nb\n", "a\r\nb\r\n", "no line feed", "\n", "\"quotes\" \\ and ??= \xc3\xa9\x01" + "7\n", ""} {
		header := string(cHeader("NAME", []byte(text)))
		rest, ok := strings.CutPrefix(header, "#define NAME")
		require.True(t, ok)
		var got strings.Builder
		for i, line := range strings.Split(strings.TrimSuffix(rest, "\n"), " \\\n") {
			if i == 0 {
				require.Empty(t, line)
				continue
			}
			s, err := strconv.Unquote(strings.ReplaceAll(line, `\?`, "?"))
			require.NoError(t, err, line)
			got.WriteString(s)
		}
		require.Equal(t, text, got.String())
	}
}
