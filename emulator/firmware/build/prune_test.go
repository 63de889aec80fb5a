package build

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What no build has used for a month leaves the cache; nothing else does.
func TestPrune(t *testing.T) {
	cache := t.TempDir()
	now := time.Now()
	ages := map[string]time.Duration{
		"objects/old.o": 31 * 24 * time.Hour, "objects/used.o": 29 * 24 * time.Hour, "objects/notes.txt": 400 * 24 * time.Hour,
		"sdk-old/include/a.h": 31 * 24 * time.Hour, "sdk-used/include/a.h": time.Hour, "mine/a.o": 400 * 24 * time.Hour,
	}
	for name, age := range ages {
		path := filepath.Join(cache, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, nil, 0o666))
		require.NoError(t, os.Chtimes(path, now, now.Add(-age)))
		if top := filepath.Dir(filepath.Dir(name)); top != "." {
			require.NoError(t, os.Chtimes(filepath.Join(cache, top), now, now.Add(-age)))
		}
	}
	prune(cache, now)
	for name, gone := range map[string]bool{
		"objects/old.o": true, "objects/used.o": false, "objects/notes.txt": false, "sdk-old": true, "sdk-used": false, "mine/a.o": false,
	} {
		require.Equal(t, !gone, exists(filepath.Join(cache, name)), name)
	}

	// Once a day is enough.
	path := filepath.Join(cache, "objects", "used.o")
	require.NoError(t, os.Chtimes(path, now, now.Add(-unused-time.Hour)))
	prune(cache, now.Add(time.Hour))
	require.FileExists(t, path)

	// A build that uses an object keeps it.
	touch(path)
	prune(cache, now.Add(2*touched))
	require.FileExists(t, path)
	prune(cache, now.Add(2*unused))
	require.NoFileExists(t, path)
}
