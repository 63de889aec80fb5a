package modem_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Commands read their arguments with atcmd.ReadArgs, which checks number, type and range
// in one way and says in words what is wrong; none of them looks for itself.
func TestArgumentsAreReadInOneWay(t *testing.T) {
	byHand := regexp.MustCompile(`\bcmd\.(?:Int|Uint32|Quoted|Text|Has)\(|\blen\(cmd\.Args\)`)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.Greater(t, len(files), 30)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Empty(t, byHand.FindAllString(string(text), -1), "%s: use atcmd.ReadArgs", file)
	}
}
