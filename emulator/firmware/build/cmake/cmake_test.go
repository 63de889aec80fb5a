package cmake_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/firmware/build/cmake"
	"nrf91emu/emulator/firmware/build/diag"
)

const head = "cmake_minimum_required(VERSION 3.20.0)\nfind_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})\nproject(name)\n"

// run runs a CMakeLists.txt in a folder with the sources that tests name.
func run(t testing.TB, text string, vars map[string]string) (*cmake.Run, *diag.List, error) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CMakeLists.txt"), []byte(text), 0o666))
	for _, name := range []string{"src/main.c", "src/a.c", "src/b.c", "src/a.h", "sub/CMakeLists.txt", "sub/s.c", "credentials/ca-cert.pem", "more.cmake"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		content := ""
		switch name {
		case "sub/CMakeLists.txt":
			content = "zephyr_library()\nzephyr_library_sources(s.c)\nzephyr_library_compile_definitions(SUB)\nzephyr_include_directories(.)\n"
		case "more.cmake":
			content = "target_sources(app PRIVATE ${CMAKE_CURRENT_LIST_DIR}/src/a.c)\n"
		}
		require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
	}
	var d diag.List
	r := &cmake.Run{Dir: dir, Binary: filepath.Join(dir, "build"), Diag: &d, Vars: map[string]string{"BOARD": "nrf9151dk/nrf9151/ns"}}
	r.Configure = func(func(string) string) (map[string]string, error) {
		config := map[string]string{"CONFIG_ON": "y", "CONFIG_TEXT": "text"}
		for k, v := range vars {
			config[k] = v
		}
		return config, nil
	}
	return r, &d, r.Do()
}

// describe returns what a run came to, one thing a line.
func describe(r *cmake.Run) string {
	var b strings.Builder
	short := func(path string) string {
		rel, err := filepath.Rel(r.Dir, path)
		if err != nil {
			return path
		}
		return rel
	}
	for _, s := range r.Sources {
		f := r.FlagsOf(s.Target)
		line := []string{short(s.Path)}
		for _, d := range f.Defines {
			line = append(line, "-D"+d)
		}
		for _, i := range f.Includes {
			line = append(line, "-I"+short(i))
		}
		b.WriteString(strings.Join(append(line, f.Options...), " ") + "\n")
	}
	for _, g := range r.Generated {
		b.WriteString(short(g.From) + " > " + short(g.To) + "\n")
	}
	return b.String()
}

// TestRun runs the files of testdata: each has a CMakeLists.txt and what it comes to.
func TestRun(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			require.NoError(t, err)
			for i := 0; i+1 < len(a.Files); i += 2 {
				r, d, err := run(t, head+string(a.Files[i].Data), nil)
				got := describe(r)
				for _, f := range d.All() {
					got += f.String() + "\n"
				}
				if err != nil {
					got += err.Error() + "\n"
				}
				if os.Getenv("UPDATE_SCRIPTS") != "" {
					a.Files[i+1].Data = []byte(got)
					continue
				}
				require.Equal(t, string(a.Files[i+1].Data), got, a.Files[i].Name)
			}
			if os.Getenv("UPDATE_SCRIPTS") != "" {
				require.NoError(t, os.WriteFile(name, txtar.Format(a), 0o666))
			}
		})
	}
}

// TestFileWrite writes what a CMakeLists.txt writes: into the application and its build folder,
// anew only if it has changed, and through no link out of them.
func TestFileWrite(t *testing.T) {
	outside := t.TempDir()
	text := head + `target_sources(app PRIVATE src/main.c)
file(READ credentials/ca-cert.pem PEM)
file(WRITE src/made.h "/* made */
#define PEM \"${PEM}\"
")
file(APPEND ${CMAKE_CURRENT_BINARY_DIR}/a/b.txt "one" "two")
`
	r, d, err := run(t, text, nil)
	require.NoError(t, err)
	require.Empty(t, d.All())
	made := filepath.Join(r.Dir, "src", "made.h")
	got, err := os.ReadFile(made)
	require.NoError(t, err)
	require.Equal(t, "/* made */\n#define PEM \"\"\n", string(got))
	got, err = os.ReadFile(filepath.Join(r.Binary, "a", "b.txt"))
	require.NoError(t, err)
	require.Equal(t, "onetwo", string(got))

	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	require.NoError(t, os.Chtimes(made, old, old))
	require.NoError(t, os.Remove(filepath.Join(r.Dir, "src", "a.h")))
	require.NoError(t, os.Symlink(outside, filepath.Join(r.Dir, "link")))
	require.NoError(t, os.WriteFile(filepath.Join(r.Dir, "CMakeLists.txt"), []byte(text+"file(WRITE link/x.h \"x\")\n"), 0o666))
	var again diag.List
	r2 := &cmake.Run{Dir: r.Dir, Binary: r.Binary, Diag: &again, Configure: r.Configure}
	require.NoError(t, r2.Do())
	info, err := os.Stat(made)
	require.NoError(t, err)
	require.True(t, info.ModTime().Equal(old), "it was written though nothing had changed")
	require.Len(t, again.All(), 1)
	require.Contains(t, again.All()[0].String(), "file() cannot write link/x.h")
	_, err = os.Stat(filepath.Join(outside, "x.h"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestNoApplication(t *testing.T) {
	_, _, err := run(t, "project(x)\n", nil)
	require.ErrorContains(t, err, "there is no find_package(Zephyr)")
}

func TestLenient(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CMakeLists.txt"), []byte(head+"something(a b)\n"), 0o666))
	var d diag.List
	r := &cmake.Run{Dir: dir, Binary: filepath.Join(dir, "build"), Diag: &d, Lenient: true,
		Configure: func(func(string) string) (map[string]string, error) { return nil, nil }}
	require.NoError(t, r.Do())
	require.NoError(t, d.Err())
	require.Len(t, d.All(), 1)
}

func FuzzCMake(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		require.NoError(f, err)
		for i := 0; i+1 < len(a.Files); i += 2 {
			f.Add(string(a.Files[i].Data))
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/") || strings.Contains(strings.ToUpper(text), "GLOB") {
			return // it would read the machine's files
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "CMakeLists.txt"), []byte(head+text), 0o666))
		r := &cmake.Run{Dir: dir, Binary: filepath.Join(dir, "build"), Diag: new(diag.List),
			Configure: func(func(string) string) (map[string]string, error) { return map[string]string{"CONFIG_ON": "y"}, nil }}
		if err := r.Do(); err == nil {
			describe(r)
		}
	})
}
