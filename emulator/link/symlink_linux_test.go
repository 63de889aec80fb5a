package link

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestPTYSymlink(t *testing.T) {
	dir := t.TempDir()
	path := dir + "/modem"
	p := newPTY(t, PTYOptions{Link: path})
	require.Equal(t, path, p.Name())
	to, err := os.Readlink(path)
	require.NoError(t, err)
	require.Equal(t, p.Path(), to)
	startEcho(t, p)
	requireTrip(t, openHost(t, path), "AT")
	require.NoError(t, p.Close())
	_, err = os.Lstat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestPTYSymlinkReplacesAStaleOneOnly(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(path string) error
		err     string
	}{
		{"stale", func(path string) error { return os.Symlink("/dev/pts/2000000", path) }, ""},
		{"regular file", func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) }, "is not a symlink"},
		{"directory", func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory"},
		{"symlink to a file", func(path string) error { return os.Symlink("/etc/passwd", path) }, "not a pty"},
		{"symlink to ptmx", func(path string) error { return os.Symlink("/dev/pts/ptmx", path) }, "not a pty"},
		{"symlink upwards", func(path string) error { return os.Symlink("/dev/pts/../null", path) }, "not a pty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := t.TempDir() + "/modem"
			require.NoError(t, c.prepare(path))
			before, err := os.Lstat(path)
			require.NoError(t, err)
			p, err := OpenPTY(PTYOptions{Link: path})
			if c.err == "" {
				require.NoError(t, err)
				require.NoError(t, p.Close())
				require.NoFileExists(t, path)
				return
			}
			require.ErrorContains(t, err, c.err)
			require.ErrorContains(t, err, path)
			after, err := os.Lstat(path)
			require.NoError(t, err)
			require.True(t, os.SameFile(before, after))
		})
	}
	t.Run("no directory", func(t *testing.T) {
		_, err := OpenPTY(PTYOptions{Link: t.TempDir() + "/none/modem"})
		require.ErrorContains(t, err, "its directory does not exist")
	})
}

func TestPTYSymlinkOfAnotherIsLeftAlone(t *testing.T) {
	path := t.TempDir() + "/modem"
	p := newPTY(t, PTYOptions{Link: path})
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink("/dev/pts/2000000", path))
	require.NoError(t, p.Close())
	to, err := os.Readlink(path)
	require.NoError(t, err)
	require.Equal(t, "/dev/pts/2000000", to)
}

// A living modem's link is not taken away.
func TestPTYSymlinkOfALivingOne(t *testing.T) {
	path := t.TempDir() + "/modem"
	first := newPTY(t, PTYOptions{Link: path})
	_, err := OpenPTY(PTYOptions{Link: path})
	require.ErrorContains(t, err, "the port of a modem that is running")
	to, err := os.Readlink(path)
	require.NoError(t, err)
	require.Equal(t, first.Path(), to)
	require.NoError(t, first.Close())
}

// The number of a pty that has gone is given again: a link that is older than the pty
// was made for another.
func TestMadeForPTY(t *testing.T) {
	at := func(sec, nsec int64) unix.Timespec { return unix.NsecToTimespec(sec*1e9 + nsec) }
	for _, c := range []struct {
		link, pty unix.Timespec
		want      bool
	}{
		{at(100, 5), at(100, 0), true}, // devpts keeps whole seconds
		{at(100, 0), at(100, 0), true},
		{at(99, 999_999_999), at(100, 0), false},
		{at(7200, 0), at(100, 0), true},
	} {
		require.Equal(t, c.want, madeForPTY(c.link, c.pty), "link of %v, pty of %v", c.link, c.pty)
	}
}
