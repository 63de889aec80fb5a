package firmware_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"nrf91emu/emulator/firmware/build"
)

// courseRevisions are the branches of Nordic's course "Cellular IoT Fundamentals", and
// the commit with the form that it had before there were branches.
var courseRevisions = []struct{ name, rev string }{
	{"main", "origin/main"},
	{"v3.2.0", "origin/v3.2.0"},
	{"v3.1.0", "origin/v3.1.0"},
	{"v3.0.0", "origin/v3.0.0"},
	{"v2.9.0-v2.7.0", "origin/v2.9.0-v2.7.0"},
	{"v2.6.2-v2.4.0", "origin/v2.6.2-v2.4.0"},
	{"v2.3.0-v2.2.0", "origin/v2.3.0-v2.2.0"},
	{"first", "b5e7bdd^"},
}

// courseClone returns the clone of the course's repository; it is no part of ours.
func courseClone(t *testing.T) string {
	t.Helper()
	clone := os.Getenv("NRF91EMU_COURSE")
	if clone == "" {
		t.Skip("NRF91EMU_COURSE names no clone of github.com/NordicDeveloperAcademy/cell-fund")
	}
	compiler(t, "cc")
	return clone
}

// checkOut writes a revision of the course into a folder.
func checkOut(t *testing.T, clone, rev, dir string) {
	t.Helper()
	archive, err := exec.Command("git", "-C", clone, "archive", rev).Output()
	if err != nil {
		t.Fatalf("git archive %s: %v", rev, err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	tar := exec.Command("tar", "x", "-C", dir)
	tar.Stdin = bytes.NewReader(archive)
	if out, err := tar.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
}

// faulty says why a source of the course does not compile with Nordic's SDK either.
func faulty(branch, source string) string {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(source, p) })
	}
	old := branch == "v2.3.0-v2.2.0" || branch == "first"
	switch {
	case has("l3_e1/", "less3_exer1/"):
		return "the student declares sock"
	case has("l5_e1/", "less5_exer1/"):
		return "the student declares next_token"
	case old && has("l6_e1/", "l6_e1_sol/", "less6_exer1/", "less6_exer1_solution/") && !has("v2.4.0/", "v2.2.0-v2.3.0/"):
		return "a semicolon is missing"
	case branch == "first" && has("v2.4.0/", "v2.2.0-v2.3.0/") && has("less5_exer2/"):
		return "err is declared twice"
	}
	return ""
}

// missingHeader returns the header that a starting point lacks until the student adds it:
// it compiles with Nordic's SDK and with this one from that step on.
func missingHeader(source string) string {
	switch {
	case strings.Contains(source, "l2_e2/") || strings.Contains(source, "less2_exer2/"):
		return "modem/lte_lc.h"
	case strings.HasSuffix(source, "l4_e1/src/main.c") || strings.HasSuffix(source, "less4_exer1/src/main.c"):
		return "zephyr/net/mqtt.h"
	}
	return ""
}

// courseApps returns the applications below a folder, with paths relative to it.
func courseApps(t *testing.T, dir string) []string {
	t.Helper()
	var apps []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "prj.conf" {
			rel, _ := filepath.Rel(dir, filepath.Dir(path))
			apps = append(apps, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil || len(apps) == 0 {
		t.Fatalf("no applications in %s (%v)", dir, err)
	}
	return apps
}

// TestCourseCompiles compiles every source on every branch of the course, unmodified:
// those that are right as published compile, those that are not do not.
func TestCourseCompiles(t *testing.T) {
	clone := courseClone(t)
	root := t.TempDir()
	var mu sync.Mutex
	sources, compiled, later := make(map[string]int), make(map[string]int), make(map[string]int)
	none := func(string) string { return "" }
	t.Run("branches", func(t *testing.T) {
		for _, rev := range courseRevisions {
			t.Run(rev.name, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(root, rev.name)
				checkOut(t, clone, rev.rev, dir)
				for _, app := range courseApps(t, dir) {
					app = filepath.Join(dir, app)
					said := compileApp(t, app, none)
					var again map[string]string
					for source, text := range said {
						rel, _ := filepath.Rel(dir, source)
						rel = filepath.ToSlash(rel)
						count := compiled
						if text != "" && missingHeader(rel) != "" {
							if again == nil {
								again = compileApp(t, app, missingHeader)
							}
							text, count = again[source], later
						}
						mu.Lock()
						sources[rev.name]++
						if text == "" {
							count[rev.name]++
						}
						mu.Unlock()
						switch why := faulty(rev.name, rel); {
						case text != "" && why == "":
							t.Errorf("%s does not compile:\n%s", rel, text)
						case text == "" && why != "":
							t.Errorf("%s compiles, though %s", rel, why)
						}
					}
				}
			})
		}
	})
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "branch\tsources\tcompile\twith the header of a step")
	var all, right, steps int
	for _, rev := range courseRevisions {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", rev.name, sources[rev.name], compiled[rev.name], later[rev.name])
		all += sources[rev.name]
		right += compiled[rev.name]
		steps += later[rev.name]
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\n", all, right, steps)
	w.Flush()
	t.Logf("\n%s", table.String())
}

// compileApp compiles the sources of an application and returns what the compiler says of
// each that does not compile, "" for the others. A source may get a header first.
func compileApp(t *testing.T, dir string, header func(source string) string, overlays ...string) map[string]string {
	t.Helper()
	p, err := build.Load(build.Options{Dir: dir, SDKDir: "sdk", Cache: t.TempDir(), Conf: absolute(t, overlays)})
	if err != nil {
		t.Errorf("%s: %v", dir, err)
		return nil
	}
	commands, err := p.Commands()
	if err != nil {
		t.Errorf("%s: %v", dir, err)
		return nil
	}
	result := make(map[string]string)
	for _, line := range strings.Split(commands, "\n") {
		i := slices.IndexFunc(p.Sources, func(s build.Source) bool { return strings.HasSuffix(line, s.Path) })
		if i < 0 {
			continue
		}
		if h := header(p.Sources[i].Path); h != "" {
			line += " -include " + h
		}
		cmd := exec.Command("sh", "-c", line+" -fsyntax-only")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			result[p.Sources[i].Path] = fmt.Sprintf("%v\n%s", err, out)
		} else {
			result[p.Sources[i].Path] = ""
		}
	}
	return result
}

func absolute(t *testing.T, paths []string) []string {
	t.Helper()
	var all []string
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, abs)
	}
	return all
}
