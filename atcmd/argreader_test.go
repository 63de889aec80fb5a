package atcmd_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

func TestArgReader(t *testing.T) {
	// All forms are read with <number 1-3>,["text" of at most 4],[<number 0-9>, 7].
	read := func(parser atcmd.Parser, code int, line string) string {
		var cmd atcmd.Command
		require.NoError(t, cmd.Parse([]byte(line)))
		args := parser.ReadArgs(&cmd)
		args.Code = code
		n := args.Int(1, 3, "the number")
		text := args.TextOr([]byte("none"), 4, "the text")
		m := args.IntOr(7, 0, 9, "the other number")
		if err := args.End(); err != nil {
			return err.Error()
		}
		return fmt.Sprint(n, " ", string(text), " ", m)
	}
	const (
		first  = "ERROR: parameter 1 of +X must be the number, a number from 1 to 3"
		second = "ERROR: parameter 2 of +X must be the text"
		third  = "ERROR: parameter 3 of +X must be the other number, a number from 0 to 9"
		digits = second + " in quotes: digits without them are a number"
		word   = second + " in quotes: only a word that ends the line may stand without them"
	)
	for _, test := range []struct{ line, modem, library, old string }{ // empty: as the one before
		{line: `AT+X=1`, modem: "1 none 7"},
		{line: `AT+X=3,"ab"`, modem: "3 ab 7"},
		{line: `AT+X=3,"",0`, modem: "3  0"},
		{line: `AT+X=3,"abcd",9`, modem: "3 abcd 9"},
		{line: `AT+X=2,,9`, modem: "2 none 9", library: second + ", and there is none"},
		{line: `AT+X=2,"a",`, modem: "2 a 7", library: third},
		{line: `AT+X=`, modem: first},
		{line: `AT+X=4,"abcde"`, modem: first},
		{line: `AT+X="1"`, modem: first},
		{line: `AT+X=1,"abcde"`, modem: second + ", at most 4 bytes"},
		{line: `AT+X=1,abc`, modem: "1 abc 7", old: second + " in quotes"},
		{line: `AT+X=1, a.b `, modem: "1 a.b 7", old: second + " in quotes"},
		{line: `AT+X=1,abc,2`, modem: "1 abc 2", library: word, old: second + " in quotes"},
		{line: `AT+X=1,a/b`, modem: "1 a/b 7", library: word, old: second + " in quotes"},
		{line: `AT+X=1,abcde`, modem: second + ", at most 4 bytes", old: second + " in quotes"},
		{line: `AT+X=1,12`, modem: digits, old: second + " in quotes"},
		{line: `AT+X=1,0011`, modem: digits, old: second + " in quotes"},
		{line: `AT+X=1,-1`, modem: digits, old: second + " in quotes"},
		{line: `AT+X=1,99999999999999999999`, modem: digits, old: second + " in quotes"},
		{line: `AT+X=1,"a",-1`, modem: third},
		{line: `AT+X=1,"a",1,`, modem: "ERROR: +X takes at most 3 parameters here, not 4"},
		{line: `AT+X=1,"a",9?`, modem: "1 a 9", library: third},
		{line: `AT+X=1?`, modem: "1 none 7", library: first},
		{line: `AT+X=1,"?"`, modem: "1 ? 7"},
	} {
		test.library = cmp.Or(test.library, test.modem)
		test.old = cmp.Or(test.old, test.library)
		require.Equal(t, test.modem, read(atcmd.ModemParser, 0, test.line), test.line)
		require.Equal(t, test.library, read(atcmd.LibraryParser, 0, test.line), test.line)
		require.Equal(t, test.old, read(atcmd.OldLibraryParser, 0, test.line), test.line)
	}
	require.Equal(t, "+CME ERROR: 50: parameter 1 of +X must be the number, a number from 1 to 3", read(atcmd.ModemParser, 50, "AT+X=0"))
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
		`AT+X=0,a2,,4294967295`: "0 a2 none 4294967295",
		`AT+X=1,abc`:            "ERROR: parameter 1 of +X must be the mode, one of 0 2",
		`AT+X=,abc`:             "ERROR: parameter 1 of +X must be the mode, one of 0 2",
		`AT+X=4294967298,abc`:   "ERROR: parameter 1 of +X must be the mode, one of 0 2",
		`AT+X=2`:                "ERROR: parameter 2 of +X must be the name, and there is none",
		`AT+X=2,`:               "ERROR: parameter 2 of +X must be the name, and there is none",
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
	f.Add(`AT+X=1,"a",,2`, "isIsuqbkt", uint8(0))
	f.Add(`AT+X=a,b?`, "tt", uint8(1))
	f.Fuzz(func(t *testing.T, line, ops string, parser uint8) {
		var cmd atcmd.Command
		if cmd.Parse([]byte(line)) != nil {
			return
		}
		args := atcmd.Parser(parser % 3).ReadArgs(&cmd)
		var first error
		for _, op := range ops {
			switch op {
			case 'i':
				args.Int(0, 9, "a")
			case 'I':
				args.IntOr(3, 0, 9, "b")
			case 'q':
				args.Text(3, "c")
			case 'b':
				args.Bool("e")
			case 'u':
				args.Uint32("f")
			case 't':
				args.TextOr(nil, 2, "g")
			case 'o':
				args.OneOf("h", 1, 3)
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
