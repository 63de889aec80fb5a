package control

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A path that no unix socket can have makes it a TCP port of this machine.
func TestLibraryPlace(t *testing.T) {
	dir, err := os.MkdirTemp("", "nrf91emu")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, tt := range map[string]struct{ below, want string }{
		"unix": {"", regexp.QuoteMeta(dir)},
		"tcp":  {strings.Repeat("x", 120), `^tcp:127\.0\.0\.1:\d+$`},
	} {
		t.Run(name, func(t *testing.T) {
			base := filepath.Join(dir, tt.below)
			require.NoError(t, os.MkdirAll(base, 0o700))
			t.Setenv("XDG_RUNTIME_DIR", base)
			l, err := ListenLibrary("/dev/pts/7")
			require.NoError(t, err)
			defer l.Close()
			require.Regexp(t, tt.want, LibraryPlace(l))
			c, err := net.Dial(l.Addr().Network(), l.Addr().String())
			require.NoError(t, err)
			c.Close()
		})
	}
}
