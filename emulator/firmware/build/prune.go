package build

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// unused is after what time an object or an SDK in the cache goes that no build has used.
	unused = 30 * 24 * time.Hour
	// touched is how old a mark of use may be; a younger one is not made anew.
	touched = 24 * time.Hour
)

// touch marks a file or folder of the cache as used.
func touch(path string) {
	now := time.Now()
	if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > touched {
		os.Chtimes(path, now, now) // where it may not, it is made again some day
	}
}

// prune removes from the cache what no build has used for long. It looks once a day; what
// cannot be removed stays. Only what builds have made is looked at: a cache may be any folder.
func prune(cache string, now time.Time) {
	mark := filepath.Join(cache, "pruned")
	if info, err := os.Stat(mark); err == nil && now.Sub(info.ModTime()) < touched {
		return
	}
	if err := os.WriteFile(mark, nil, 0o666); err != nil {
		return
	}
	for dir, ours := range map[string]func(name string) bool{
		cache:                           func(name string) bool { return strings.HasPrefix(name, "sdk-") || strings.HasPrefix(name, "new-") },
		filepath.Join(cache, "objects"): func(name string) bool { return strings.HasSuffix(name, ".o") },
	} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			info, err := e.Info()
			if err == nil && ours(e.Name()) && now.Sub(info.ModTime()) > unused {
				os.RemoveAll(filepath.Join(dir, e.Name()))
			}
		}
	}
}
