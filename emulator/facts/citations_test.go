package facts_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/facts"
)

const root = "../.." // of the module, seen from this package

var (
	factName = regexp.MustCompile(`[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*`)
	// citation is "fact NAME" or "facts NAME, NAME and NAME", in a table Fact: "NAME".
	citation = regexp.MustCompile(strings.ReplaceAll(`(?i)^facts? (NAME(?:(?:, and |, | and )NAME)*)|^fact: +"(NAME)"`, "NAME", factName.String()))
	// wrapped is a line break inside a comment.
	wrapped = regexp.MustCompile(`\n[ \t]*(?://|#|\*)?[ \t]*`)
	// oldCitation cites documents that are not in the project.
	oldCitation = regexp.MustCompile(`(?i)\bserial-modem-at\b|\bnrf91-at\b|\bserial-modem-2(?:\.md\b|[^.\w-]|$)|\bpitfalls\b|\bwear\.md\b|\bhost-api\b` +
		`|\bsections? [0-9]|\b[0-9]{1,2}\.[0-9]{1,2}, (?:seen|documented|inferred)`)
	// bareMark is a mark in a comment with no fact behind it, or the number of a
	// section of nothing.
	bareMark = regexp.MustCompile(`//[^\n]*?(?:\((?:seen|documented|inferred)(?:[,:; ][^)\n]*)?\)|\bseen in (?:the )?source|\([1-9][0-9]?\.[1-9][0-9]?\))`)
	// suspicious is in each line that oldCitation matches, in small letters. Few lines have one.
	suspicious = []string{"serial-modem-at", "nrf91-at", "serial-modem-2", "pitfalls", "wear.md", "host-api", "section", "seen", "documented", "inferred"}
	// foreignSection is a section of a standard, which anybody can read.
	foreignSection = regexp.MustCompile(`(?:RFC|TS) [0-9.]+,? sections? [0-9.]+|[Ss]ection [0-9.]+ of (?:RFC|3GPP|TS) `)
)

// sources calls do with each text file in which a fact can be cited.
func sources(t *testing.T, do func(name, text string)) {
	t.Helper()
	kinds := []string{".go", ".md", ".txt", ".txtar", ".c", ".h", ".cmake", ".yaml", ".json", ".js", ".html"}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !slices.Contains(kinds, filepath.Ext(file)):
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		do(filepath.ToSlash(name), string(data))
		return nil
	})
	require.NoError(t, err)
}

// cited returns the names that a text cites. The expression is tried where the word stands,
// since all sources are several megabytes.
func cited(text string) []string {
	var names []string
	lower := strings.ToLower(text)
	for at := 0; ; at++ {
		i := strings.Index(lower[at:], "fact")
		if i < 0 {
			return names
		}
		at += i
		if at > 0 && wordByte(lower[at-1]) {
			continue
		}
		// A list of facts is no longer.
		sentence := wrapped.ReplaceAllString(text[at:min(at+1000, len(text))], " ")
		if m := citation.FindStringSubmatch(sentence); m != nil {
			names = append(names, factName.FindAllString(m[1]+" "+m[2], -1)...)
		}
	}
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

// Each citation names a fact, and each fact is cited by what rests on it.
func TestCitationsResolve(t *testing.T) {
	citations := map[string]int{}
	sources(t, func(name, text string) {
		if strings.HasPrefix(name, "emulator/facts/") || path.Base(name) == "facts.txtar" { // it asks for one in vain
			return
		}
		for _, fact := range cited(text) {
			citations[fact]++
			if _, ok := facts.Lookup(fact); !ok {
				t.Errorf("%s cites the fact %s, which does not exist: see nrf91emu facts %s", name, fact, strings.Split(fact, "/")[0])
			}
		}
	})
	var uncited []string
	for _, f := range facts.All() {
		if citations[f.Name] == 0 {
			uncited = append(uncited, f.Name)
		}
	}
	require.Empty(t, uncited, "of %d facts these are cited by nobody: cite them where code or a vector rests on them, or delete them", len(facts.All()))
}

// Documents that are not in the project are not cited: nobody could follow.
func TestOldCitations(t *testing.T) {
	sources(t, func(name, text string) {
		if strings.HasPrefix(name, "emulator/facts/") {
			return
		}
		isGo := strings.HasSuffix(name, ".go")
		if isGo {
			text = inOneLine(text)
		}
		for line := range strings.Lines(text) {
			if isGo {
				for _, mark := range bareMark.FindAllString(line, -1) {
					t.Errorf("%s has a mark without a fact: %s", name, strings.TrimSpace(mark))
				}
			}
			lower := strings.ToLower(line)
			if !slices.ContainsFunc(suspicious, func(word string) bool { return strings.Contains(lower, word) }) {
				continue
			}
			for _, old := range oldCitation.FindAllString(foreignSection.ReplaceAllString(line, ""), -1) {
				t.Errorf("%s cites %q, which is not in the project: cite a fact, see nrf91emu facts", name, old)
			}
		}
	})
}

// inOneLine joins the lines of each comment.
func inOneLine(text string) string {
	var b strings.Builder
	comment := false // the line before has one
	for line := range strings.Lines(text) {
		words, whole := strings.CutPrefix(strings.TrimLeft(line, " \t"), "//")
		if comment && whole {
			line = " " + strings.TrimLeft(words, " \t")
		} else if comment {
			b.WriteByte('\n')
		}
		comment = strings.Contains(line, "//") || comment && whole
		if comment {
			line = strings.TrimSuffix(line, "\n")
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestBareMarks(t *testing.T) {
	for text, want := range map[string]bool{
		"x() // it is so (seen in source)":             true,
		"// It is so (seen in\n\t// source).":          true,
		"// It is so (documented: somewhere).":         true,
		"// It comes after OK (3.8).":                  true,
		"// It is so (fact a/b).":                      false,
		"// It is so (chosen).":                        false,
		"// Version (2.0.4) is not a section.":         false,
		"// What has been seen in the record is kept.": false,
	} {
		require.Equal(t, want, bareMark.MatchString(inOneLine(text)), text)
	}
}

func TestCited(t *testing.T) {
	require.Equal(t, []string{"a/b"}, cited("// It is so (fact a/b, which holds)."))
	require.Equal(t, []string{"a/b", "c/d-e", "f/g"}, cited("// facts a/b, c/d-e\n\t// and f/g."))
	require.Equal(t, []string{"a/b"}, cited("// as in fact\n// a/b."))
	require.Equal(t, []string{"a/b"}, cited(`Fact:   "a/b",`))
	require.Empty(t, cited("// fact: chosen, no source"))
}
