package firmware_test

import (
	"os"
	"path/filepath"
	"testing"
)

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
