package atcmd_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

// arguments writes a command's arguments down for a table: 7 for a number, "x"
// for a string, x for text, _ for an empty one.
func arguments(cmd *atcmd.Command) string {
	var out []string
	for _, a := range cmd.Args {
		switch a.Kind {
		case atcmd.ArgEmpty:
			out = append(out, "_")
		case atcmd.ArgInt:
			out = append(out, fmt.Sprint(a.Int))
		case atcmd.ArgString:
			out = append(out, fmt.Sprintf("%q", a.Text))
		case atcmd.ArgText:
			out = append(out, string(a.Text))
		}
	}
	return strings.Join(out, " ")
}

var parseCases = []struct {
	line string
	name string
	form atcmd.Form
	args string
	tail string // ";" and the tail
}{
	{line: "AT"},
	{line: "at"},
	{line: "\n\x1b AT \r", name: ""},
	{line: "AT+CGMR", name: "+CGMR"},
	{line: "\nAT+CGMR\r", name: "+CGMR"},
	{line: "AT+CGMR\x00garbage", name: "+CGMR"},
	{line: "at%keygen=11,2,0", name: "%KEYGEN", form: atcmd.FormSet, args: "11 2 0"},
	{line: "AT+CFUN?", name: "+CFUN", form: atcmd.FormRead},
	{line: "AT+CFUN=?", name: "+CFUN", form: atcmd.FormTest},
	{line: "AT+CFUN=? ", name: "+CFUN", form: atcmd.FormTest},
	{line: "AT#XSMVER", name: "#XSMVER"},
	{line: "AT%2DID", name: "%2DID"},
	{line: "AT+CPSMS=", name: "+CPSMS", form: atcmd.FormSet, args: "_"},
	{line: `AT+CPSMS=1,,,"10101111","01101100"`, name: "+CPSMS", form: atcmd.FormSet, args: `1 _ _ "10101111" "01101100"`},
	{line: `AT%XBANDLOCK=2,,"23,255,256"`, name: "%XBANDLOCK", form: atcmd.FormSet, args: `2 _ "23,255,256"`},
	{line: "AT%JWT=,3600,,,16842753,2", name: "%JWT", form: atcmd.FormSet, args: "_ 3600 _ _ 16842753 2"},
	{line: "AT%CMNG=1, 24", name: "%CMNG", form: atcmd.FormSet, args: "1 24"},
	{line: "AT%CMNG= 2, 4294967295 , 0 ", name: "%CMNG", form: atcmd.FormSet, args: "2 4294967295 0"},
	{line: "AT%CMNG=0,24,0,\"a\r\nb;,\" ", name: "%CMNG", form: atcmd.FormSet, args: `0 24 0 "a\r\nb;,"`},
	{line: `AT%CMNG=0,24,0,""`, name: "%CMNG", form: atcmd.FormSet, args: `0 24 0 ""`},
	{line: `AT%CMNG=0,24,0,"a\nb"`, name: "%CMNG", form: atcmd.FormSet, args: `0 24 0 "a\\nb"`},
	{line: "AT+CGDCONT=0,IPV4V6,my.apn", name: "+CGDCONT", form: atcmd.FormSet, args: "0 IPV4V6 my.apn"},
	{line: "AT+X=-1,+2,-0,07,1x,,", name: "+X", form: atcmd.FormSet, args: "-1 2 0 07 1x _ _"},
	{line: "AT+X=999999999999999999,1000000000000000000", name: "+X", form: atcmd.FormSet, args: "999999999999999999 1000000000000000000"},
	{line: "AT+X=-,+", name: "+X", form: atcmd.FormSet, args: "- +"},
	{line: `AT%XSUDO=7,"c2ln";%CMNG=0,1`, name: "%XSUDO", form: atcmd.FormSet, args: `7 "c2ln"`, tail: ";%CMNG=0,1"},
	{line: "AT+CGMR;+CGMM", name: "+CGMR", tail: ";+CGMM"},
	{line: "AT+CGMR;", name: "+CGMR", tail: ";"},
	{line: "ATE0", name: "E", args: "0"},
	{line: "ate1", name: "E", args: "1"},
	{line: "ATE", name: "E", args: "0"},
	{line: "ATI", name: "I", args: "0"},
	{line: "AT&F", name: "&F", args: "0"},
}

func TestParse(t *testing.T) {
	var cmd atcmd.Command // one for all: nothing may stay of the one before
	for _, test := range parseCases {
		t.Run(test.line, func(t *testing.T) {
			require.NoError(t, cmd.Parse([]byte(test.line)))
			require.Equal(t, test.name, string(cmd.Name))
			require.Equal(t, test.form, cmd.Form)
			require.Equal(t, test.args, arguments(&cmd))
			tail := ""
			if cmd.Tail != nil {
				tail = ";" + string(cmd.Tail)
			}
			require.Equal(t, test.tail, tail)
		})
	}
}

func TestParseParams(t *testing.T) {
	var cmd atcmd.Command
	require.NoError(t, cmd.Parse([]byte(" AT%XSUDO= 7,\"a;b\" ;%CMNG=0,1 ")))
	require.Equal(t, ` 7,"a;b" `, string(cmd.Params))
	require.Equal(t, `AT%XSUDO= 7,"a;b" ;%CMNG=0,1`, string(cmd.Line))
	require.NoError(t, cmd.Parse([]byte("AT+CFUN?")))
	require.Empty(t, cmd.Params)
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ line, reason string }{
		{"", "does not begin with AT"},
		{"A", "does not begin with AT"},
		{"hello", "does not begin with AT"},
		{"A\x00T", "does not begin with AT"},
		{"A/", "does not begin with AT"},
		{"AT+", "name of letters and digits"},
		{"AT%=1", "name of letters and digits"},
		{"AT+" + strings.Repeat("X", 40), "name of letters and digits"},
		{"AT+CFUN!", "cannot follow"},
		{"AT+CFUN ?", "cannot follow"},
		{"AT+A?;+B?", "cannot follow"},
		{"AT +CFUN?", "not the beginning of a command"},
		{"AT1", "not the beginning of a command"},
		{"AT&", "not the beginning of a command"},
		{"ATD*99#", "takes a number"},
		{`AT+X="abc`, "not closed"},
		{`AT+X="a"b`, "comma must stand"},
		{`AT+X="a""b"`, "comma must stand"},
		{`AT+X=a"b"`, "middle of a parameter"},
		{"AT+X=" + strings.Repeat(",", 400), "more than 400"},
	} {
		t.Run(test.line, func(t *testing.T) {
			var cmd atcmd.Command
			err := cmd.Parse([]byte(test.line))
			require.ErrorContains(t, err, test.reason)
			require.Equal(t, atcmd.Result{Kind: atcmd.ResultError}, atcmd.ResultOf(err))
		})
	}
}

func TestArguments(t *testing.T) {
	var cmd atcmd.Command
	require.NoError(t, cmd.Parse([]byte(`AT+X=4294967295,"s",text,,-1,4294967296,""`)))

	tag, ok := cmd.Uint32(0)
	require.True(t, ok)
	require.Equal(t, uint32(4294967295), tag)
	for _, i := range []int{1, 2, 3, 4, 5, 6, 7} {
		_, ok := cmd.Uint32(i)
		require.False(t, ok, "argument %d", i)
	}
	v, ok := cmd.Int(4, -1, 1)
	require.True(t, ok)
	require.EqualValues(t, -1, v)
	_, ok = cmd.Int(4, 0, 1)
	require.False(t, ok)

	for i, want := range []string{1: "s", 6: ""} {
		text, ok := cmd.Quoted(i)
		require.Equal(t, i == 1 || i == 6, ok, "argument %d", i)
		require.Equal(t, want, string(text))
	}
}

func TestCommandStringHidesArguments(t *testing.T) {
	var cmd atcmd.Command
	require.NoError(t, cmd.Parse([]byte(`AT%CMNG=0,24,2,"secret"`)))
	require.Equal(t, "AT%CMNG (set form, 4 parameters)", cmd.String())
}

func TestParseAllocates(t *testing.T) {
	var cmd atcmd.Command
	mux := atcmd.NewMux[*device]()
	ok := atcmd.HandlerFunc[*device](func(*device, *atcmd.Response, *atcmd.Command) error { return nil })
	mux.Handle("%CMNG", ok)
	mux.Handle("+CFUN", &atcmd.Forms[*device]{Read: ok})
	var w atcmd.Response
	dev := new(device)
	lines := [][]byte{[]byte(writeCommand), []byte("at+cfun?")}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, line := range lines {
			w.Reset(nil)
			if cmd.Parse(line) != nil || mux.ServeAT(dev, &w, &cmd) != nil {
				panic("refused")
			}
		}
	}))
}

// FuzzParse holds that no line makes Parse panic, that all it returns is part of
// the line and within its bounds, and that the line it reports parses to the same.
func FuzzParse(f *testing.F) {
	for _, test := range parseCases {
		f.Add([]byte(test.line))
	}
	f.Add([]byte("AT+X=" + strings.Repeat(",", 100)))
	f.Fuzz(func(t *testing.T, line []byte) {
		var cmd, again atcmd.Command
		before := bytes.Clone(line)
		err := cmd.Parse(line)
		require.Equal(t, before, line, "the line was changed")
		require.LessOrEqual(t, len(cmd.Args), 400)
		within(t, line, cmd.Line)
		within(t, cmd.Line, cmd.Params)
		within(t, cmd.Line, cmd.Tail)
		for _, a := range cmd.Args {
			within(t, cmd.Line, a.Text)
			if a.Kind == atcmd.ArgString {
				require.NotContains(t, string(a.Text), `"`)
			}
		}
		require.Equal(t, strings.ToUpper(string(cmd.Name)), string(cmd.Name))
		_ = cmd.String()

		require.Equal(t, err == nil, again.Parse(cmd.Line) == nil)
		require.Empty(t, cmp.Diff(view(&cmd), view(&again)))
	})
}

// view is what a Command says, for a comparison.
func view(cmd *atcmd.Command) map[string]any {
	return map[string]any{
		"name": string(cmd.Name), "form": cmd.Form, "args": arguments(cmd), "line": string(cmd.Line),
		"params": string(cmd.Params), "tail": string(cmd.Tail),
	}
}

// within fails unless part is a part of whole.
func within(t *testing.T, whole, part []byte) {
	t.Helper()
	if len(part) == 0 {
		return
	}
	for i := range whole {
		if &whole[i] == &part[0] {
			require.LessOrEqual(t, i+len(part), len(whole))
			return
		}
	}
	t.Fatalf("%q is not a part of %q", part, whole)
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range []struct{ name, line string }{
		{"AT", "AT"},
		{"read", "AT+CFUN?"},
		{"list", "AT%CMNG=1,16842753,0"},
		{"write 1 kB", writeCommand},
		{"commas", "AT+X=" + strings.Repeat(",", 4000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var cmd atcmd.Command
			line := []byte(bench.line)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				_ = cmd.Parse(line)
			}
		})
	}
}

// A message stands between a CR outside quotes and a Ctrl-Z at the end.
func TestPDU(t *testing.T) {
	for line, want := range map[string]string{
		"AT+CMGS=15\r0011\x1a":        "15|0011",
		"AT+CMGS=15\r0011\x1a\r\n":    "15|0011",
		"\nAT+CMGS=15 \r\r\n00\x1a\r": "15|\r\n00",
		"AT+CNMA=1,3\r\x1a":           "1 3|",
		"AT+CMGS=15\x1a":              "15|none",
		"AT+CMGS=15\r":                "15|none",
		"AT+CMGS=\"\r\",1\x1a":        "\"\\r\" 1|none",
		"AT+CMGS=15\r00\x1aAT":        "15\r00\x1aAT|none",
	} {
		var cmd atcmd.Command
		require.NoError(t, cmd.Parse([]byte(line)), "%q", line)
		pdu := "none"
		if cmd.PDU != nil {
			pdu = string(cmd.PDU)
		}
		require.Equal(t, want, arguments(&cmd)+"|"+pdu, "%q", line)
	}
}
