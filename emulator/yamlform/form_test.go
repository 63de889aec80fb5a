package yamlform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"nrf91emu/emulator/yamlform"
)

// Every message names the line and the key, and what belongs there.
func TestMessages(t *testing.T) {
	var n int
	var list []string
	fields := yamlform.Fields{
		"number": yamlform.Value(&n, "a whole number"),
		"deeper": yamlform.Fields{"number": yamlform.Value(&n, "a whole number")}.Load,
		"list": func(node *yaml.Node, key string) error {
			return yamlform.List(node, key, func(node *yaml.Node, key string) error {
				s, err := yamlform.Text(node, key)
				list = append(list, s)
				return err
			})
		},
		"even": yamlform.Parsed("an even digit", func(s string) bool { return s == "2" || s == "4" }),
	}
	for text, want := range map[string]string{
		"":                                     "",
		"# nothing":                            "",
		"deeper:":                              "",
		"number: 3\nlist: [00101, x]\neven: 2": "",
		"deeper: &a {number: 2}":               "",
		"a: 1":                                 `line 1: there is no key "a"; use one of deeper, even, list, number`,
		"number: 1\ndeeper: {digit: 1}":        `line 2: there is no key "deeper.digit"; use one of number`,
		"number: many":                         `line 1: number is a whole number, not "many"`,
		"deeper: 3":                            "line 1: deeper is a mapping of keys to values",
		"number: 1\nnumber: 2":                 "number",
		"number: ~":                            `line 1: number is a whole number, not "~"`,
		"number:":                              "line 1: number is a whole number",
		"list: [~]":                            "line 1: list[0] has no value",
		"even:":                                "line 1: even has no value",
		"list: 3":                              "line 1: list is a list",
		"list: [[1]]":                          "line 1: list[0] is a single value",
		"even: 3":                              `line 1: even is an even digit, not "3"`,
		"[1]":                                  "line 1: the file is a mapping of keys to values",
		"a: {":                                 "it is not YAML: line 2, column 1: ",
		"number: 1\n---\nnumber: 2":            "there is more than one YAML document",
	} {
		root, err := yamlform.Document([]byte(text))
		if err == nil && root != nil {
			err = fields.Load(root, "")
		}
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want, text)
	}
	require.Subset(t, list, []string{"00101", "x"}, "as they are written")
}
