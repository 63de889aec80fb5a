package firmware_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"nrf91emu/emulator/firmware"
)

// What the program carries is the applications in C, whole, and nothing else.
func TestExamplesEmbedded(t *testing.T) {
	embedded := firmware.Examples()
	for _, conf := range glob(t, "examples/*/prj.conf") {
		err := filepath.WalkDir(filepath.Dir(conf), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, _ := filepath.Rel("examples", path)
			if _, err := fs.Stat(embedded, filepath.ToSlash(name)); err != nil {
				t.Errorf("%s is not embedded: %v", path, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := fs.WalkDir(embedded, ".", func(name string, _ fs.DirEntry, err error) error {
		if filepath.Ext(name) == ".go" {
			t.Errorf("%s is embedded", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every application in examples compiles, in its right and, where it has one, its wrong form.
func TestExamplesCompile(t *testing.T) {
	compiler(t, "cc")
	for _, conf := range glob(t, "examples/*/prj.conf") {
		dir := filepath.Dir(conf)
		forms := map[string][]string{"right": nil}
		if wrong := filepath.Join(dir, "wrong.conf"); exists(wrong) {
			forms["wrong"] = []string{wrong}
		}
		for form, overlays := range forms {
			t.Run(filepath.Base(dir)+"/"+form, func(t *testing.T) {
				t.Parallel()
				// In a copy: a build leaves files in the application's folder.
				app := filepath.Join(t.TempDir(), filepath.Base(dir))
				if err := os.CopyFS(app, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				said := compileApp(t, app, func(string) string { return "" }, overlays...)
				if len(said) == 0 {
					t.Error("the application has no source")
				}
				for source, text := range said {
					if text != "" {
						t.Errorf("%s does not compile:\n%s", source, text)
					}
				}
			})
		}
	}
}
