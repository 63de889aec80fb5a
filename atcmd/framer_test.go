package atcmd_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

// The framings of Nordic's applications, with a limit that a test can exceed.
var (
	atClient        = atcmd.Framing{Limit: 16}
	atClientCRLF    = atcmd.Framing{Limit: 16, Terminator: atcmd.TerminatorCRLF}
	atClientLF      = atcmd.Framing{Limit: 16, Terminator: atcmd.TerminatorLF}
	atClientNUL     = atcmd.Framing{Limit: 16, Terminator: atcmd.TerminatorNUL}
	slm             = atcmd.Framing{Limit: 16, Terminator: atcmd.TerminatorCRLF, Overflow: atcmd.OverflowAtEnd, QuoteOnErase: true, KeepNUL: true}
	serialModem     = atcmd.Framing{Limit: 16, Overflow: atcmd.OverflowAtEnd, AwaitAT: true, QuoteOnErase: true, KeepNUL: true}
	serialModemMain = atcmd.Framing{Limit: 16, Overflow: atcmd.OverflowAtOnce, AwaitAT: true, QuoteOnErase: true, KeepNUL: true}
)

const tooLong = "(too long)"

// wire is the table of wire cases: what comes in, and the lines it makes.
var wire = []struct {
	name    string
	framing atcmd.Framing
	in      string
	want    []string
	// What is left when the input ends.
	pending  int
	inQuotes bool
}{
	{name: "one command", framing: atClient, in: "AT\r", want: []string{"AT"}},
	{name: "two commands in one write", framing: atClient, in: "AT%XSIM?\rAT+CFUN=41\r", want: []string{"AT%XSIM?", "AT+CFUN=41"}},
	{name: "nothing but a part", framing: atClient, in: "AT+CF", pending: 5},
	{name: "an empty line", framing: atClient, in: "\r\r", want: []string{"", ""}},
	{name: "CR mode leaves the LF of a CR LF in front of the next line", framing: atClient, in: "AT\r\nAT\r\n", want: []string{"AT", "\nAT"}, pending: 1},
	{name: "CR LF mode takes a CR alone for text", framing: atClientCRLF, in: "AT\rAT\r\nAT\r\n", want: []string{"AT\rAT", "AT"}},
	{name: "CR LF mode takes an LF alone for text", framing: atClientCRLF, in: "AT\nAT\r\n", want: []string{"AT\nAT"}},
	{name: "CR LF mode, empty line", framing: atClientCRLF, in: "\r\n", want: []string{""}},
	{name: "LF mode", framing: atClientLF, in: "AT\r\nAT\n", want: []string{"AT\r", "AT"}},
	{name: "NUL mode", framing: atClientNUL, in: "AT\r\n\x00AT\x00", want: []string{"AT\r\n", "AT"}},
	{name: "terminators inside quotes are text", framing: atClient, in: "AT=\"a\r\nb\r\"\r", want: []string{"AT=\"a\r\nb\r\""}},
	{name: "CR LF inside quotes", framing: atClientCRLF, in: "AT=\"a\r\nb\"\r\n", want: []string{"AT=\"a\r\nb\""}},
	{name: "the CR of a CR LF may not stand inside the quotes", framing: atClientCRLF, in: "A=\"a\r\"\nT\r\n", want: []string{"A=\"a\r\"\nT"}},
	{name: "an odd quote swallows what follows", framing: atClient, in: "AT=\"\rAT\r", pending: 8, inQuotes: true},
	{name: "an odd quote in Serial Modem", framing: serialModem, in: "AT=\"\rAT\r", pending: 8, inQuotes: true},

	{name: "backspace and DEL", framing: atClient, in: "ATX\b\bT\x7fTE0\r", want: []string{"ATE0"}},
	{name: "backspace on nothing", framing: atClient, in: "\b\x7fAT\r", want: []string{"AT"}},
	{name: "the AT host keeps a string open whose quote was deleted", framing: atClient, in: "AT\"\b\rAT\r", pending: 6, inQuotes: true},
	{name: "and closed when the closing quote was deleted", framing: atClient, in: "AT\"a\"\b\r", want: []string{"AT\"a"}},
	{name: "SLM forgets a string whose quote was deleted", framing: slm, in: "AT\"\b\r\n", want: []string{"AT"}},
	{name: "SLM opens it again when the closing quote was deleted", framing: slm, in: "AT\"a\"\b\r\n\"\r\n", want: []string{"AT\"a\r\n\""}},
	{name: "SLM deletes several characters up to the quote", framing: slm, in: "AT\"abc\b\b\b\b\r\n", want: []string{"AT"}},
	{name: "Serial Modem too", framing: serialModem, in: "AT=\"\b\r", want: []string{"AT="}},

	{name: "the AT host drops NUL", framing: atClient, in: "A\x00T\x00\r", want: []string{"AT"}},
	{name: "but not inside quotes", framing: atClient, in: "AT\"\x00\"\r", want: []string{"AT\"\x00\""}},
	{name: "a NUL between CR and LF is not seen", framing: atClientCRLF, in: "AT\r\x00\n", want: []string{"AT"}},
	{name: "Serial Modem keeps NUL", framing: serialModem, in: "AT\x00\r", want: []string{"AT\x00"}},
	{name: "so that it stands between CR and LF", framing: slm, in: "AT\r\x00\n", pending: 5},

	{name: "a line of exactly the limit", framing: atClient, in: "AT+4567890123456\r", want: []string{"AT+4567890123456"}},
	{name: "the AT host cuts a longer one and runs it", framing: atClient, in: "AT+4567890123456XYZ\rAT\r", want: []string{"AT+4567890123456", "AT"}},
	{name: "the AT host loses the closing quote", framing: atClient, in: "AT=\"567890123456\"\rAT\r", pending: 21, inQuotes: true},
	{name: "and after deletions goes on where the text was cut", framing: atClient, in: "AT+4567890123456XYZ\b\bab\r", want: []string{"AT+45678901234ab"}},
	{name: "deleting all of an overlong line", framing: atClient, in: "AT+4567890123456XYZ" + strings.Repeat("\b", 20) + "AT\r", want: []string{"AT"}},
	{name: "CR LF where the CR was the last to fit", framing: atClientCRLF, in: "AT+456789012345\rX\n", want: []string{"AT+456789012345"}},
	{name: "CR LF where the CR did not fit", framing: atClientCRLF, in: "AT+4567890123456\r\nAT\r\n", pending: 22},
	{name: "Serial Modem says so at the terminator", framing: serialModem, in: "AT+4567890123456XYZ\rAT\r", want: []string{tooLong, "AT"}},
	{name: "Serial Modem sees the closing quote", framing: serialModem, in: "AT=\"567890123456\r\"\rAT\r", want: []string{tooLong, "AT"}},
	{name: "Serial Modem after deletions", framing: serialModem, in: "AT+4567890123456XYZ\b\b\b\rAT\r", want: []string{"AT+4567890123456", "AT"}},
	{name: "SLM counts the CR and takes it off", framing: slm, in: "AT+4567890123456\r\n", want: []string{"AT+4567890123456"}},
	{name: "SLM, one too many", framing: slm, in: "AT+4567890123456X\r\n", want: []string{tooLong}},
	{name: "main says so at once", framing: serialModemMain, in: "AT+4567890123456XYAT\r", want: []string{tooLong, "AT"}},
	{name: "main, where the terminator is one too many", framing: serialModemMain, in: "AT+4567890123456\rAT\r", want: []string{tooLong, "AT"}},
	{name: "main forgets the open quote", framing: serialModemMain, in: "AT=\"567890123456\nAT\r", want: []string{tooLong, "AT"}},
	{name: "main, exactly filled", framing: serialModemMain, in: "AT+456789012345\r", want: []string{"AT+456789012345"}},

	{name: "Serial Modem drops the LF of a CR LF", framing: serialModem, in: "AT\r\nAT\r\n", want: []string{"AT", "AT"}},
	{name: "Serial Modem waits for AT", framing: serialModem, in: "date+CFUN?\r\"\rhello at\r", want: []string{"ate+CFUN?", "at"}},
	{name: "AAT loses the command", framing: serialModem, in: "AAT\rAT\r", want: []string{"AT"}},
	{name: "a backspace after the A drops it", framing: serialModem, in: "A\bT\rAT\r", want: []string{"AT"}},
	{name: "deleting back into AT", framing: serialModem, in: "ATX\b\bT+X\r", want: []string{"AT+X"}},
	{name: "deleting back into AT and going on wrongly", framing: serialModem, in: "ATX\b\bX\rAT\r", want: []string{"AT"}},
	{name: "no empty lines in Serial Modem", framing: serialModem, in: "\r\n\r\r", want: nil},
}

// feed gives chunks to a Framer and collects the lines.
func feed(f *atcmd.Framer, chunks ...string) (lines []string) {
	for _, chunk := range chunks {
		for p := []byte(chunk); len(p) > 0; {
			n, line, err := f.Next(p)
			if n == 0 {
				panic("Next consumes nothing")
			}
			p = p[n:]
			switch {
			case err != nil:
				lines = append(lines, tooLong)
			case line != nil:
				lines = append(lines, string(line))
			}
		}
	}
	return lines
}

func TestFramer(t *testing.T) {
	for _, test := range wire {
		t.Run(test.name, func(t *testing.T) {
			check := func(chunks ...string) {
				t.Helper()
				f := atcmd.NewFramer(test.framing)
				if diff := cmp.Diff(test.want, feed(f, chunks...)); diff != "" {
					t.Fatalf("fed %q (-want +got):\n%s", chunks, diff)
				}
				require.Equal(t, test.pending, f.Pending(), "pending after %q", chunks)
				require.Equal(t, test.inQuotes, f.InQuotes(), "in quotes after %q", chunks)
			}
			check(test.in)
			check(strings.Split(test.in, "")...)
			for i := range test.in {
				check(test.in[:i], test.in[i:])
			}
		})
	}
}

func TestFramerLimits(t *testing.T) {
	text := func(n int) string { return "AT" + strings.Repeat("x", n-2) }
	for _, test := range []struct {
		name    string
		framing atcmd.Framing
		fits    int
		beyond  string // the answer to one byte more
	}{
		{"AT Client", atcmd.Framing{}, 4095, text(4095)},
		{"Serial Modem v1.0", atcmd.Framing{Overflow: atcmd.OverflowAtEnd, AwaitAT: true}, 4095, tooLong},
		{"Serial Modem main", atcmd.Framing{Limit: 8190, Overflow: atcmd.OverflowAtOnce, AwaitAT: true}, 8189, tooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := atcmd.NewFramer(test.framing)
			require.Equal(t, []string{text(test.fits)}, feed(f, text(test.fits)+"\r"))
			require.Equal(t, []string{test.beyond}, feed(f, text(test.fits+1)+"\r"))
			require.Equal(t, []string{"AT"}, feed(f, "AT\r"))
		})
	}
}

func TestFramerReset(t *testing.T) {
	f := atcmd.NewFramer(atClient)
	feed(f, `AT+X="abc`)
	f.Reset()
	require.Zero(t, f.Pending())
	require.False(t, f.InQuotes())
	require.Equal(t, []string{"AT"}, feed(f, "AT\r"))
}

func TestTerminatorBytes(t *testing.T) {
	for term, want := range map[atcmd.Terminator]string{
		atcmd.TerminatorCR: "\r", atcmd.TerminatorLF: "\n", atcmd.TerminatorCRLF: "\r\n", atcmd.TerminatorNUL: "\x00",
	} {
		require.Equal(t, want, term.Bytes())
		f := atcmd.NewFramer(atcmd.Framing{Terminator: term})
		require.Equal(t, []string{"AT", "AT"}, feed(f, "AT"+term.Bytes()+"AT"+term.Bytes()))
	}
}

// FuzzFramer holds that the cuts between writes change nothing, that a line is
// never longer than the limit, and that a framer can always be brought back: by a
// terminator, or a quote and a terminator, unless it has OverflowDrop.
func FuzzFramer(f *testing.F) {
	for _, test := range wire {
		f.Add([]byte(test.in), test.framing.Limit, uint8(test.framing.Terminator), uint8(test.framing.Overflow),
			test.framing.AwaitAT, test.framing.QuoteOnErase, test.framing.KeepNUL, uint16(3))
	}
	f.Fuzz(func(t *testing.T, in []byte, limit int, term, overflow uint8, await, quoteOnErase, keepNUL bool, chunk uint16) {
		framing := atcmd.Framing{
			Terminator: atcmd.Terminator(term % 4), Limit: min(max(limit, 0), 5000), Overflow: atcmd.Overflow(overflow % 3),
			AwaitAT: await, QuoteOnErase: quoteOnErase, KeepNUL: keepNUL,
		}
		bytewise, chunked := atcmd.NewFramer(framing), atcmd.NewFramer(framing)
		want := feed(bytewise, bytewiseChunks(in)...)

		var chunks []string
		for p := range slices.Chunk(in, int(chunk)+1) {
			chunks = append(chunks, string(p))
		}
		got := feed(chunked, chunks...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("chunks of %d (-bytewise +chunked):\n%s", chunk+1, diff)
		}
		require.Equal(t, bytewise.Pending(), chunked.Pending())
		require.Equal(t, bytewise.InQuotes(), chunked.InQuotes())
		bound := framing.Limit
		if bound == 0 {
			bound = 4095
		}
		for _, line := range got {
			require.LessOrEqual(t, len(line), max(bound, len(tooLong)))
		}
		if framing.Overflow == atcmd.OverflowDrop || bound < 16 { // a shorter line may not have room for the rest of one
			return
		}
		if chunked.InQuotes() {
			feed(chunked, `"`)
		}
		if !chunked.InQuotes() { // an overflow at once has closed it before the quote
			feed(chunked, "\n", framing.Terminator.Bytes())
			require.Equal(t, "AT", last(feed(chunked, "AT"+framing.Terminator.Bytes())))
		}
	})
}

func last(lines []string) string {
	if len(lines) == 0 {
		return "(none)"
	}
	return strings.TrimLeft(lines[len(lines)-1], "\r\n")
}

func TestFramerAllocates(t *testing.T) {
	for _, framing := range []atcmd.Framing{{}, {Overflow: atcmd.OverflowAtEnd, AwaitAT: true}} {
		f := atcmd.NewFramer(framing)
		in := []byte(writeCommand + "\r")
		allocs := testing.AllocsPerRun(100, func() {
			if n, line, err := f.Next(in); n != len(in) || len(line) != len(in)-1 || err != nil {
				panic("not one line")
			}
		})
		require.Zero(t, allocs)
	}
}

// writeCommand writes a certificate of about 1 kB.
var writeCommand = `AT%CMNG=0,24,0,"-----BEGIN CERTIFICATE-----` + "\n" +
	strings.Repeat("MIIBszCCAVmgAwIBAgIUTk9SRElDU0VNSUNPTkRVQ1RPUkFTQTAwMDAwMDAwMDAwMDA\n", 15) + `-----END CERTIFICATE-----` + "\n" + `"`

func BenchmarkFramer(b *testing.B) {
	megabyte := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for _, bench := range []struct {
		name    string
		framing atcmd.Framing
		in      []byte
	}{
		{"AT", atcmd.Framing{}, []byte("AT\r")},
		{"certificate", atcmd.Framing{}, []byte(writeCommand + "\r")},
		{"megabyte without terminator", atcmd.Framing{}, megabyte},
		{"megabyte after one quote", atcmd.Framing{}, append([]byte(`AT"`), megabyte...)},
		{"megabyte without terminator, counted", atcmd.Framing{Overflow: atcmd.OverflowAtEnd, AwaitAT: true}, append([]byte("AT"), megabyte...)},
		{"megabyte without terminator, at once", atcmd.Framing{Limit: 8190, Overflow: atcmd.OverflowAtOnce, AwaitAT: true}, append([]byte("AT"), megabyte...)},
		{"megabyte of quotes", atcmd.Framing{Overflow: atcmd.OverflowAtEnd}, bytes.Repeat([]byte{'"'}, 1<<20)},
		{"megabyte that never says AT", atcmd.Framing{Overflow: atcmd.OverflowAtEnd, AwaitAT: true}, megabyte},
	} {
		b.Run(bench.name, func(b *testing.B) {
			f := atcmd.NewFramer(bench.framing)
			b.SetBytes(int64(len(bench.in)))
			b.ReportAllocs()
			for b.Loop() {
				for p := bench.in; len(p) > 0; {
					n, _, _ := f.Next(p)
					p = p[n:]
				}
			}
		})
	}
}

func ExampleFramer() {
	f := atcmd.NewFramer(atcmd.Framing{})
	for p := []byte("AT+CFUN?\rAT%CMNG=1,24\r"); len(p) > 0; {
		n, line, err := f.Next(p)
		p = p[n:]
		if line != nil {
			fmt.Printf("%s %v\n", line, err)
		}
	}
	// Output:
	// AT+CFUN? <nil>
	// AT%CMNG=1,24 <nil>
}

func bytewiseChunks(in []byte) []string {
	chunks := make([]string, len(in))
	for i := range in {
		chunks[i] = string(in[i : i+1])
	}
	return chunks
}
