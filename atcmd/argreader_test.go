package atcmd_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

func TestArgReader(t *testing.T) {
	// All forms are read with <number 1-3>,["text" of at most 4],[<number 0-9>, 7].
	read := func(lenient bool, code int, line string) string {
		var cmd atcmd.Command
		require.NoError(t, cmd.Parse([]byte(line)))
		args := atcmd.ReadArgs(&cmd)
		args.Lenient, args.Code = lenient, code
		n := args.Int(1, 3, "the number")
		text := args.QuotedOr([]byte("none"), 4, "the text")
		m := args.IntOr(7, 0, 9, "the other number")
		if err := args.End(); err != nil {
			return err.Error()
		}
		return fmt.Sprint(n, " ", string(text), " ", m)
	}
	for _, test := range []struct {
		line            string
		strict, lenient string // lenient is "" if it is the same
	}{
		{`AT+X=1`, "1 none 7", ""},
		{`AT+X=3,"ab"`, "3 ab 7", ""},
		{`AT+X=3,"",0`, "3  0", ""},
		{`AT+X=3,"abcd",9`, "3 abcd 9", ""},
		{`AT+X=2,,9`, "ERROR: parameter 2 of +X must be the text in quotes, at most 4 bytes", "2 none 9"},
		{`AT+X=2,"a",`, "ERROR: parameter 3 of +X must be the other number, a number from 0 to 9", "2 a 7"},
		{`AT+X=`, "ERROR: parameter 1 of +X must be the number, a number from 1 to 3", ""},
		{`AT+X=4,"abcde"`, "ERROR: parameter 1 of +X must be the number, a number from 1 to 3", ""},
		{`AT+X="1"`, "ERROR: parameter 1 of +X must be the number, a number from 1 to 3", ""},
		{`AT+X=1,"abcde"`, "ERROR: parameter 2 of +X must be the text in quotes, at most 4 bytes", ""},
		{`AT+X=1,abc`, "ERROR: parameter 2 of +X must be the text in quotes, at most 4 bytes", ""},
		{`AT+X=1,"a",-1`, "ERROR: parameter 3 of +X must be the other number, a number from 0 to 9", ""},
		{`AT+X=1,"a",1,`, "ERROR: +X takes at most 3 parameters here, not 4", ""},
	} {
		require.Equal(t, test.strict, read(false, 0, test.line), test.line)
		if test.lenient == "" {
			test.lenient = test.strict
		}
		require.Equal(t, test.lenient, read(true, 0, test.line), test.line)
	}
	require.Equal(t, "+CME ERROR: 50: parameter 1 of +X must be the number, a number from 1 to 3", read(false, 50, "AT+X=0"))
}

func TestArgReaderParts(t *testing.T) {
	var cmd atcmd.Command
	require.NoError(t, cmd.Parse([]byte("AT+X=,4294967295,1,2")))
	args := atcmd.ReadArgs(&cmd)
	require.False(t, args.Has())
	args.Skip()
	require.True(t, args.Has())
	require.Equal(t, 3, args.Len())
	require.Equal(t, uint32(4294967295), args.Uint32("the tag"))
	require.True(t, args.Bool("the switch"))
	require.NoError(t, args.Err())
	require.False(t, args.Bool("the other switch"))
	args.Fail("too late")
	require.ErrorContains(t, args.Err(), "parameter 4 of +X must be the other switch")
	require.Zero(t, args.Len())
}

func TestArgReaderTexts(t *testing.T) {
	read := func(line string) string {
		var cmd atcmd.Command
		require.NoError(t, cmd.Parse([]byte(line)))
		args := atcmd.ReadArgs(&cmd)
		args.Lenient = true
		n := args.OneOf("the mode", 0, 2)
		text := args.Text(3, "the name")
		more := args.TextOr([]byte("none"), 0, "the rest")
		tag := args.Uint32Or(7, "the tag")
		if err := args.End(); err != nil {
			return err.Error()
		}
		return fmt.Sprint(n, " ", string(text), " ", string(more), " ", tag)
	}
	for line, want := range map[string]string{
		`AT+X=2,abc`:            "2 abc none 7",
		`AT+X=0,"abc","",0`:     "0 abc  0",
		`AT+X=0,12,,4294967295`: "0 12 none 4294967295",
		`AT+X=1,abc`:            "ERROR: parameter 1 of +X must be the mode, one of 0 2",
		`AT+X=,abc`:             "ERROR: parameter 1 of +X must be the mode, one of 0 2",
		`AT+X=4294967298,abc`:   "ERROR: parameter 1 of +X must be the mode, one of 0 2",
		`AT+X=2`:                "ERROR: parameter 2 of +X must be the name, at most 3 bytes",
		`AT+X=2,`:               "ERROR: parameter 2 of +X must be the name, at most 3 bytes",
		`AT+X=2,abcd`:           "ERROR: parameter 2 of +X must be the name, at most 3 bytes",
		`AT+X=2,abc,,-1`:        "ERROR: parameter 4 of +X must be the tag, a number from 0 to 4294967295",
		`AT+X=2,abc,d,1,2`:      "ERROR: +X takes at most 4 parameters here, not 5",
	} {
		require.Equal(t, want, read(line), line)
	}
}

// FuzzArgReader reads whatever parses in any order: nothing panics, and the first
// error stays.
func FuzzArgReader(f *testing.F) {
	f.Add(`AT+X=1,"a",,2`, "isISuqbkQ")
	f.Fuzz(func(t *testing.T, line, ops string) {
		var cmd atcmd.Command
		if cmd.Parse([]byte(line)) != nil {
			return
		}
		args := atcmd.ReadArgs(&cmd)
		var first error
		for _, op := range ops {
			switch op {
			case 'i':
				args.Int(0, 9, "a")
			case 'I':
				args.IntOr(3, 0, 9, "b")
			case 'q':
				args.Quoted(3, "c")
			case 'Q':
				args.QuotedOr(nil, 3, "d")
			case 'b':
				args.Bool("e")
			case 'u':
				args.Uint32("f")
			case 't':
				args.TextOr(nil, 2, "g")
			case 'o':
				args.OneOf("h", 1, 3)
			case 'l':
				args.Lenient = true
			default:
				args.Skip()
			}
			if first == nil {
				first = args.Err()
			}
			if args.Err() != first {
				t.Fatalf("the error %v became %v", first, args.Err())
			}
		}
		args.Has()
		if args.Len() == 0 && args.End() != first {
			t.Fatalf("all was read, and yet: %v", args.End())
		}
	})
}
