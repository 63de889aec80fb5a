package main

import (
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// both parses a line in both ways. quick says whether the quick one took it.
func both(t *testing.T, c command, args []string) (quick bool) {
	t.Helper()
	fast, slow := c.make(), c.make()
	arguments, quick := quickParse(fast, args)
	if !quick {
		return false
	}
	std := stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	c.make = func() any { return slow }
	exit := -1
	ctx, err := newParser(std, []command{c}, func(code int) { exit = code }).Parse(append([]string{c.name}, args...))
	require.NoError(t, err, "%s %q", c.name, args)
	require.Equal(t, -1, exit, "%s %q", c.name, args)
	require.Equal(t, slow, fast, "%s %q", c.name, args)
	require.Equal(t, ctx.Command(), c.name+arguments)
	return true
}

func named(t *testing.T, name string) command {
	t.Helper()
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	require.GreaterOrEqual(t, i, 0)
	return commands[i]
}

// What is parsed quickly is what kong makes of it; the rest is left to kong.
func TestQuickParse(t *testing.T) {
	for _, test := range []struct {
		line  string
		quick bool
	}{
		{"exec -- /bin/true", true},
		{"exec /bin/true --boots 3", true},
		{"exec --boots 3 --timeout=10s --with 24:ca=a --with x -- prog -- more", true},
		{"exec --state flash.img --json=- --host a=b --no-external prog", true},
		{"exec --boot-ends 3s --supply 3000 --seed 7 --allow-idle=false prog", true},
		{"run", true},
		{"run --count 4000 --json --link ~/x", true},
		{"run --app serial-modem --network /tmp/n.yaml", true},
		{"exec", false},
		{"exec --help", false},
		{"exec --boots -1 prog", false},
		{"exec --boots 010 prog", false},
		{"exec --boots x prog", false},
		{"exec --boots", false},
		{"exec --unknown prog", false},
		{"exec -x prog", false},
		{"exec --json - prog", false},
		{"exec --state= prog", false},
		{"exec --timeout 10 prog", false},
		{"exec --allow-idle=yes prog", false},
		{"run --explain", false},
		{"run --no-explain", false},
		{"run --cloud-dir=x", true},
		{"run extra", false},
		{"run --json=\xff", false},
		{"ctl state", false},
	} {
		t.Run(test.line, func(t *testing.T) {
			words := strings.Fields(test.line)
			require.Equal(t, test.quick, both(t, named(t, words[0]), words[1:]))
		})
	}
}

// Whatever flags there are and whatever they are given.
func TestQuickParseAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := []string{"", "1", "0", "-1", "07", "1.5", "x", "a,b", `a\b`, "10s", "true", "false", "-", "--", "~/x", "./y", "/z", "ä", "\xff"}
	std := stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	quick := map[string]int{}
	for _, c := range commands {
		model := newParser(std, []command{c}, func(int) {}).Model.Children[0]
		var flags []string
		for _, f := range model.Flags {
			flags = append(flags, "--"+f.Name)
		}
		q := &quickParser{}
		if q.fields(reflect.ValueOf(c.make()).Elem()) {
			for name := range q.flags {
				require.Contains(t, flags, "--"+name, c.name)
			}
			require.Len(t, q.flags, len(flags), c.name)
		}
		for range 200 {
			var args []string
			for range random.IntN(4) {
				word := values[random.IntN(len(values))]
				if len(flags) > 0 && random.IntN(3) > 0 {
					word = flags[random.IntN(len(flags))]
					switch random.IntN(3) {
					case 0:
						word += "=" + values[random.IntN(len(values))]
					case 1:
						args = append(args, word)
						word = values[random.IntN(len(values))]
					}
				}
				args = append(args, word)
			}
			if both(t, c, args) {
				quick[c.name]++
			}
		}
	}
	for _, name := range []string{"exec", "run"} {
		require.Positive(t, quick[name], name)
	}
}
