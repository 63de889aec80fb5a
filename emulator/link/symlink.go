package link

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A symlink is a name of the user's choice for a pty. The zero value is none.
type symlink struct {
	path, target string
}

// makeSymlink makes path point to target, a pty. It replaces a symlink that
// points to a pty that has gone, which an emulator that was killed leaves behind,
// and nothing else.
func makeSymlink(path, target string) (symlink, error) {
	if err := mayReplace(path); err != nil {
		return symlink{}, err
	}
	// A symlink cannot be made over another one, but it can be renamed over
	// it, in one step for whoever opens the path meanwhile.
	for i := 0; ; i++ {
		temp := path + ".new" + strconv.Itoa(os.Getpid()) + "." + strconv.Itoa(i)
		err := os.Symlink(target, temp)
		if errors.Is(err, fs.ErrExist) && i < 100 {
			continue
		}
		if err == nil {
			if err = os.Rename(temp, path); err != nil {
				os.Remove(temp)
			}
		}
		if err != nil {
			return symlink{}, fmt.Errorf("cannot make the symlink %s to %s: %w", path, target, errors.Unwrap(err))
		}
		return symlink{path, target}, nil
	}
}

// mayReplace says why the symlink must not be made at path.
func mayReplace(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return fmt.Errorf("cannot make the symlink %s: its directory does not exist; create it or choose another path", path)
		}
		return nil
	case err != nil:
		return fmt.Errorf("cannot make the symlink %s: %w", path, errors.Unwrap(err))
	case info.IsDir():
		return fmt.Errorf("%s is a directory; choose a path inside it for the symlink", path)
	case info.Mode()&fs.ModeSymlink == 0:
		return fmt.Errorf("%s exists and is not a symlink; remove it or choose another path", path)
	}
	old, err := os.Readlink(path)
	if err != nil {
		return fmt.Errorf("cannot read the symlink %s: %w", path, errors.Unwrap(err))
	}
	if !isPTYPath(old) {
		return fmt.Errorf("%s is a symlink to %s, which is not a pty; remove it or choose another path", path, old)
	}
	if leadsToLivingPTY(path, old) {
		return fmt.Errorf("%s leads to %s, the port of a modem that is running; end that one or choose another path", path, old)
	}
	return nil
}

// isPTYPath reports whether path is that of a pty's end, be it there or not.
func isPTYPath(path string) bool {
	for _, dir := range []string{"/dev/pts/", "/dev/ttys"} { // Linux, macOS
		if number, ok := strings.CutPrefix(path, dir); ok {
			_, err := strconv.ParseUint(number, 10, 31)
			return err == nil
		}
	}
	return false
}

// remove deletes the symlink if it still points to its target: another emulator
// may have taken the name over.
func (s symlink) remove() error {
	if s.path == "" {
		return nil
	}
	if to, err := os.Readlink(s.path); err != nil || to != s.target {
		return nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the symlink %s: %w", s.path, errors.Unwrap(err))
	}
	return nil
}
