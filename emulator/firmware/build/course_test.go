package build_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/firmware/build/diag"
)

// courseTree writes a branch or commit of the course's repository, whose clone
// NRF91EMU_COURSE names, into a folder.
func courseTree(t *testing.T, rev, dir string) {
	clone := os.Getenv("NRF91EMU_COURSE")
	archive, err := exec.Command("git", "-C", clone, "archive", rev).Output()
	require.NoError(t, err, rev)
	require.NoError(t, os.MkdirAll(dir, 0o777))
	tar := exec.Command("tar", "x", "-C", dir)
	tar.Stdin = bytes.NewReader(archive)
	require.NoError(t, tar.Run())
}

// courseBranches are the branches of the course, and the commit with its first
// form, with the releases that they are for.
var courseBranches = []struct {
	rev, name string
	ncs       []string // the minor releases that are right
}{
	{"origin/main", "main", []string{"3.3"}},
	{"origin/v3.2.0", "v3.2.0", []string{"3.2"}},
	{"origin/v3.1.0", "v3.1.0", []string{"3.1"}},
	{"origin/v3.0.0", "v3.0.0", []string{"3.0"}},
	{"origin/v2.9.0-v2.7.0", "v2.9.0-v2.7.0", []string{"2.7", "2.8", "2.9"}},
	{"origin/v2.6.2-v2.4.0", "v2.6.2-v2.4.0", []string{"2.4", "2.5", "2.6"}},
	{"origin/v2.3.0-v2.2.0", "v2.3.0-v2.2.0", []string{"2.2", "2.3"}},
	{"b5e7bdd^", "first", nil},
}

// TestCourse reads every application on every branch of Nordic's course: nothing
// may be left that is not understood.
func TestCourse(t *testing.T) {
	if os.Getenv("NRF91EMU_COURSE") == "" {
		t.Skip("NRF91EMU_COURSE names no clone of the course's repository")
	}
	root := t.TempDir()
	for _, branch := range courseBranches {
		dir := filepath.Join(root, branch.name)
		courseTree(t, branch.rev, dir)
		apps := applications(t, dir)
		releases := make(map[string]int)
		for _, app := range apps {
			p, err := build.Load(build.Options{Dir: app, SDK: firmware.SDK()})
			rel, _ := filepath.Rel(root, app)
			if err != nil {
				t.Errorf("%s: %v", rel, err)
				continue
			}
			for _, f := range p.Findings {
				if f.Severity != diag.Note || strings.Contains(f.Text, "not an option that the host SDK knows") {
					t.Errorf("%s: %s", rel, f)
				}
			}
			minor := fmt.Sprintf("%d.%d", p.NCS>>16, p.NCS>>8&0xff)
			releases[minor]++
			if branch.ncs != nil && !slices.Contains(branch.ncs, minor) {
				t.Errorf("%s: taken for nRF Connect SDK %s (%s)", rel, p.NCS, p.WhyNCS)
			}
		}
		t.Logf("%s: %d applications, releases %v", branch.name, len(apps), releases)
	}
}

// applications returns the folders with a prj.conf.
func applications(t *testing.T, dir string) []string {
	var apps []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "prj.conf" {
			apps = append(apps, filepath.Dir(path))
		}
		return err
	}))
	require.NotEmpty(t, apps)
	return apps
}
