package facts

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	list, err := parse("wear.md", "# Wear\n\nWords.\n\n### wear/a\nseen: a log of 2023, pages 1. 2. documented: a guide.\nOne.\nTwo.\n\n## Group\n\n### wear/b\nchosen: no source.\nThree.\n")
	require.NoError(t, err)
	require.Equal(t, []Fact{
		{"wear/a", []Source{{Seen, "a log of 2023, pages 1. 2"}, {Documented, "a guide"}}, "One.\nTwo."},
		{"wear/b", []Source{{Chosen, "no source"}}, "Three."},
	}, list)
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no heading", "### wear/a\nseen: x.\nText.\n", "wear.md:1: the file begins with a heading"},
		{"another subject", "# W\n### flash/a\nseen: x.\nText.\n", `the name "flash/a" must be wear/ and words`},
		{"capitals", "# W\n### wear/A\nseen: x.\nText.\n", `the name "wear/A" must be`},
		{"twice", "# W\n### wear/a\nseen: x.\nText.\n### wear/a\nseen: x.\nText.\n", "wear.md:5: wear/a stands twice"},
		{"nothing", "# W\n### wear/a\n", "wear/a has no line of marks"},
		{"no mark", "# W\n### wear/a\nText.\n", "begins with a mark"},
		{"unknown mark", "# W\n### wear/a\nguessed: x.\nText.\n", "begins with a mark"},
		{"no source", "# W\n### wear/a\nseen: .\nText.\n", "seen names no source"},
		{"no full stop", "# W\n### wear/a\nseen: x\nText.\n", "ends with a full stop"},
		{"no statement", "# W\n### wear/a\nseen: x.\n\n", "wear/a has no statement"},
		{"too deep", "# W\n#### wear/a\nseen: x.\nText.\n", "headed by ###"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse("wear.md", test.text)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# W\n### wear/a\nseen: x. chosen: y.\nText.\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parse("wear.md", text)
		if err != nil {
			return
		}
		for _, fact := range list {
			require.NotEmpty(t, fact.Sources)
			again, err := parseSources(fact.Provenance())
			require.NoError(t, err)
			require.Equal(t, fact.Sources, again)
		}
	})
}
