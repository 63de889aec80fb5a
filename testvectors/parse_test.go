package testvectors

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"AT+CFUN?", `x.txt:1: "AT+CFUN?" is not a verb`},
		{"\n# c\nsend AT", `x.txt:3: "send" is not a verb`},
		{"> AT ", "x.txt:1: blanks at the end of a line"},
		{"> AT\x07", "cannot stand in a text: write the bytes with >>"},
		{"<", "< needs a text"},
		{"urc", "urc needs a text"},
		{">> AT", "exact bytes stand in double quotes"},
		{`>> "AT`, "is not a Go string"},
		{`<< ""`, "the bytes are empty"},
		{`<< "{any}"`, "nothing says where its value ends"},
		{"banner Ready", "banner stands alone"},
		{"silence", `"" is not a time`},
		{"wait 11m", "at most 10m"},
		{"power off", "power knows cycle and cut"},
		{"wear 1 write", "is not a count of wear"},
		{"wear +1 write +1 write", "each once"},
		{"wear", "wear is followed by"},
		{"control", "control needs words"},
		{"device a\ndevice b", "x.txt:2: there is a device line already"},
		{"device profile=a profile=b", "stands twice"},
		{"device profile=[", "profile has the pattern"},
		{"device k=", "k= has no value"},
		{"[x device", "no closing bracket"},
		{"[] > AT", "is not a list of profiles"},
		{"[x] device fresh", "cannot stand under a condition"},
		{"[x] # note", "not before a comment"},
		{"< {imei", "no closing brace"},
		{"< {IMEI}", "is not a placeholder"},
		{"< {x:[}", "does not hold a regular expression"},
		{"< {x}", "{x} has no shape"},
		{"> {imei}", "{imei} has no value yet"},
		{"> {x:a}", "cannot be sent"},
		{"> {repeat 0 x}", "is not a count and a text"},
		{"> {repeat 99999999 x}", "is not a count and a text"},
		{"> {file }", "does not name a file"},
		{"> {file /etc/passwd}", "does not name a file"},
		{"> {file ../../x}", "does not name a file"},
	} {
		_, err := Parse("x.txt", []byte(tt.text))
		require.ErrorContains(t, err, tt.want, "%q", tt.text)
	}
}

func TestParseReportsEveryLine(t *testing.T) {
	_, err := Parse("x.txt", []byte("a\n> AT\nb\n"))
	require.ErrorContains(t, err, "x.txt:1:")
	require.ErrorContains(t, err, "x.txt:3:")
}

func TestParseMissingFile(t *testing.T) {
	fsys := fstest.MapFS{"d/x.txt": {Data: []byte("> {file ca.pem}\n")}}
	_, err := ParseFS(fsys, "d/x.txt")
	require.ErrorContains(t, err, `d/x.txt:1: there is no file "d/ca.pem" beside the vector`)
	fsys["certificates/ca.pem"] = &fstest.MapFile{Data: []byte("elsewhere")}
	s, err := ParseFS(fsys, "d/x.txt")
	require.NoError(t, err)
	data, err := s.readFile("ca.pem")
	require.NoError(t, err)
	require.Equal(t, "elsewhere", string(data))
	fsys["d/ca.pem"] = &fstest.MapFile{Data: []byte("beside")}
	data, err = s.readFile("ca.pem")
	require.NoError(t, err)
	require.Equal(t, "beside", string(data))
}

func TestParseReadsDeviceAndMarks(t *testing.T) {
	s := mustParse(t, "# Title.\r\ndevice profile=a-*,b app=slm fresh sim=pin\r\nseen there\r\n< OK\r\n[!b] urc X\r\n")
	require.Equal(t, Device{Profiles: []string{"a-*", "b"}, Apps: []string{"slm"}, Needs: map[string]string{"fresh": "", "sim": "pin"}}, s.Device)
	require.Equal(t, "Title.", s.Title())
	require.True(t, s.HoldsFor("a-1", "slm"))
	require.False(t, s.HoldsFor("c", "slm"))
	require.False(t, s.HoldsFor("b", "at-client"))
	require.Equal(t, Mark{Seen, "there"}, s.Lines[3].Mark)
	require.Empty(t, s.Lines[3].Mark.Facts())
	s = mustParse(t, "fact cmng/absent, at/blanks: a note\n< OK\n")
	require.Equal(t, []string{"cmng/absent", "at/blanks"}, s.Lines[1].Mark.Facts())
	_, err := Parse("x.txt", []byte("fact documented\n< OK\n"))
	require.ErrorContains(t, err, `x.txt:1: "documented" is not the name of a fact`)
	s = mustParse(t, "# Title.\r\ndevice profile=a-*,b app=slm fresh sim=pin\r\nseen there\r\n< OK\r\n[!b] urc X\r\n")
	require.True(t, s.Lines[4].active("a-1", "slm"))
	require.False(t, s.Lines[4].active("b", "slm"))
}

func FuzzParse(f *testing.F) {
	scripts, err := Load(All())
	require.NoError(f, err)
	for _, s := range scripts {
		f.Add(s.String())
	}
	f.Add("[a,!b] [c] < x{y:[0-9]{3}}{{}\n>> \"\\x00{eol}\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("x.txt", []byte(text))
		if err != nil {
			return
		}
		printed := s.String()
		again, err := Parse("x.txt", []byte(printed))
		if err != nil {
			t.Fatalf("what was printed does not parse: %v\n%q", err, printed)
		}
		if again.String() != printed {
			t.Fatalf("printing is not stable: %q, then %q", printed, again.String())
		}
	})
}

// Whatever a device sends can be written as expectations, and they stand for
// exactly these bytes.
func FuzzUnlayout(f *testing.F) {
	f.Add("\r\n+CEREG: 2\r\n\r\n+CEREG: 1,2\r\n\r\nOK\r\n", 1)
	f.Add("+CEREG: 1,2\r\nOK\r\n+CEREG: 1\r\n", 1)
	f.Add("\r\n#XRECV: 0,0,4\r\nTest\r\nOK\r\n", 1)
	f.Add("\r\n\xff{x}\r\n\nabc", 0)
	f.Fuzz(func(t *testing.T, sent string, commands int) {
		for _, l := range []Layout{ATClient, SerialModem} {
			u := unlayout{response: response{layout: l}, commands: min(max(commands, 0), 100)}
			p := player{target: Target{Layout: l}, response: response{layout: l}, scope: newScope(nil, l)}
			for b := []byte(sent); len(b) > 0; {
				line, n := u.next(b)
				again, err := parseLine(line.String())
				if err != nil || (&Script{}).check(&again, map[string]bool{}) != nil {
					t.Fatalf("%q does not parse: %v", line.String(), err)
				}
				e, _, err := p.expected(&again)
				if err != nil {
					t.Fatal(err)
				}
				pat, err := p.scope.pattern(e.text, e.lead, e.end)
				if err != nil {
					t.Fatal(err)
				}
				if v, got, _ := pat.match(b); v != matched || got != n {
					t.Fatalf("%q does not stand for %q", line.String(), b[:n])
				}
				b = b[n:]
			}
		}
	})
}
