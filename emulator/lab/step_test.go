package lab

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestLoadExercises(t *testing.T) {
	list, err := loadExercises(folder(map[string]string{
		"10-first/lab.md":      "# First\nsetup: store 24 0 ca.pem\n\nAn *introduction* <script>alert(1)</script>.",
		"10-first/20-later.md": "# Later\ncheck: mode 1 21\n\n[bad](javascript:alert(1))",
		"10-first/10-begin.md": "# Begin\r\ncheck: not registered\r\nhint: Type `AT`.\r\n\r\nText",
		"10-first/notes.txt":   "not a step",
		"assets/picture.svg":   "not an exercise",
	}))
	require.NoError(t, err)
	require.Len(t, list, 1)
	e := list[0]
	require.Equal(t, "first", e.ID)
	require.Equal(t, []string{"begin", "later"}, []string{e.Steps[0].ID, e.Steps[1].ID})
	require.Equal(t, []string{"<p>Type <code>AT</code>.</p>"}, e.Steps[0].Hints)
	require.Len(t, e.setup, 1)
	require.NotContains(t, e.Intro, "<script")
	require.NotContains(t, e.Steps[1].Text, "javascript:")
}

// What a teacher writes wrong is told with file and line.
func TestExerciseErrors(t *testing.T) {
	good := "# T\ncheck: registered\n"
	for _, tt := range []struct{ name, lab, step, want string }{
		{"no title", "Title\n", good, "lab.md:1: the first line must be a title"},
		{"unknown field", "# T\nset: x\n", good, `lab.md:2: there is no field "set"`},
		{"unknown setup", "# T\nsetup: explode\n", good, `lab.md:2: there is no setup "explode"`},
		{"setup without words", "# T\nsetup: store 24\n", good, "write store TAG TYPE FILE"},
		{"no check", "# T\n", "# T\n", "a step needs a line such as"},
		{"unknown check", "# T\n", "# T\ncheck: happy\n", `10-s.md:2: there is no condition "happy"`},
		{"check without words", "# T\n", "# T\ncheck: stored 24 0\n", "write stored TAG TYPE FILE"},
		{"bad pattern", "# T\n", "# T\ncheck: answered (\n", "missing closing"},
		{"bad rule", "# T\n", "# T\ncheck: finding P99\n", `there is no rule "P99"`},
		{"unknown step field", "# T\n", "# T\nchecks: registered\n", `there is no field "checks"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadExercises(folder(map[string]string{"x/lab.md": tt.lab, "x/10-s.md": tt.step}))
			require.ErrorContains(t, err, tt.want)
		})
	}
	_, err := loadExercises(folder(map[string]string{"x/lab.md": "# T\n"}))
	require.ErrorContains(t, err, "has no steps")
	_, err = loadExercises(folder(map[string]string{"readme": "x"}))
	require.ErrorContains(t, err, "no exercise was found")
}

// Each condition is explained, and each word of the list is one that a check takes.
func TestConditions(t *testing.T) {
	text := Conditions()
	for _, c := range conditions() {
		require.Contains(t, text, c.what)
		_, err := parseCheck(c.word + " 24 0 x")
		if err != nil {
			require.NotContains(t, err.Error(), "there is no condition")
		}
	}
	require.Equal(t, len(conditions()), strings.Count(text, "\n"))
}

func FuzzReadPage(f *testing.F) {
	f.Add("# Title\ncheck: stored 24 0 ca.pem\nhint: `x`\n\nText")
	f.Add("# \n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := loadStep(folder(map[string]string{"s.md": text}), "s.md")
		if err == nil {
			require.NotEmpty(t, s.Title)
			require.NotEmpty(t, s.checks)
			require.NotContains(t, strings.ToLower(s.Text), "<script")
		}
	})
}
