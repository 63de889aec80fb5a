package atcmd

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Parser is how the parameters of a command are taken that are not as the guides
// write them. It is the same for all commands of one device, so that no handler says
// anything of it.
type Parser uint8

// The parsers there are.
const (
	// ModemParser is the modem's own (facts at/unquoted-text, at/empty-parameter
	// and at/question-mark): a parameter that may be left out may also be empty; a text
	// may stand without quotes, unless it is digits alone; a question mark behind a number
	// that ends the line is passed over.
	ModemParser Parser = iota
	// LibraryParser is lib/at_parser of nRF Connect SDK, which applications have from 2.8
	// on (fact serial-modem/parameters): an empty parameter is not one that is left out; a
	// text without quotes ends the line and has letters, digits, blanks and _-+. only.
	LibraryParser
	// OldLibraryParser is lib/at_cmd_parser, which was before that: texts need quotes.
	OldLibraryParser
)

// ReadArgs returns a reader of the command's arguments for this parser.
func (p Parser) ReadArgs(cmd *Command) ArgReader { return ArgReader{cmd: cmd, parser: p} }

// An ArgReader reads the arguments of a command from left to right. It keeps the
// first thing that is wrong, and what is read after that is zero, so that a handler
// reads all it takes and asks once:
//
//	args := atcmd.ReadArgs(cmd)
//	mode := args.Int(0, 2, "the mode")
//	limit := args.IntOr(60, 1, 3600, "the limit in seconds")
//	if err := args.End(); err != nil {
//		return err
//	}
//
// Each method names in what, in words, what the argument is; the error says that
// and what is allowed.
type ArgReader struct {
	// Code is the number of the +CME ERROR that a wrong argument is answered with;
	// 0 is a plain ERROR.
	Code int

	cmd    *Command
	parser Parser
	next   int
	err    error
}

// ReadArgs returns a reader of the command's arguments as the modem takes them.
func ReadArgs(cmd *Command) ArgReader { return ArgReader{cmd: cmd} }

// Len returns how many arguments are left, empty ones too.
func (r *ArgReader) Len() int { return max(len(r.cmd.Args)-r.next, 0) }

// Has reports whether the next argument is there and not empty.
func (r *ArgReader) Has() bool { return r.cmd.Has(r.next) }

// IsInt reports whether the next argument is there and a number, of any size.
func (r *ArgReader) IsInt() bool {
	return r.next < len(r.cmd.Args) && r.cmd.Args[r.next].Kind == ArgInt
}

// Skip passes over an argument, whatever it is.
func (r *ArgReader) Skip() { r.next++ }

// Int returns the next argument, which must be a number from lo to hi.
func (r *ArgReader) Int(lo, hi int, what string) int {
	return int(r.number(int64(lo), int64(hi), what))
}

func (r *ArgReader) number(lo, hi int64, what string) int64 {
	v, ok := r.int(lo, hi)
	if !ok {
		r.Fail("parameter %d of %s must be %s, a number from %d to %d", r.next, r.cmd.Name, what, lo, hi)
	}
	if r.err != nil {
		return 0
	}
	return v
}

// int passes over the next argument, which is a number from lo to hi if ok.
func (r *ArgReader) int(lo, hi int64) (v int64, ok bool) {
	v, ok = r.cmd.Int(r.next, lo, hi)
	r.next++
	return v, ok && (r.parser == ModemParser || r.next < len(r.cmd.Args) || !bytes.HasSuffix(r.cmd.Params, []byte("?")))
}

// IntOr is Int for an argument that may be left out, and then is missing.
func (r *ArgReader) IntOr(missing, lo, hi int, what string) int {
	if r.left() {
		return missing
	}
	return r.Int(lo, hi, what)
}

// Bool returns the next argument, which must be 0 or 1.
func (r *ArgReader) Bool(what string) bool { return r.Int(0, 1, what) == 1 }

// Uint32 returns the next argument, a number of 32 bits without a sign.
func (r *ArgReader) Uint32(what string) uint32 { return uint32(r.number(0, math.MaxUint32, what)) }

// Uint32Or is Uint32 for an argument that may be left out, and then is missing.
func (r *ArgReader) Uint32Or(missing uint32, what string) uint32 {
	if r.left() {
		return missing
	}
	return r.Uint32(what)
}

// OneOf returns the next argument, which must be one of the numbers.
func (r *ArgReader) OneOf(what string, numbers ...int) int {
	v, ok := r.int(math.MinInt32, math.MaxInt32)
	if !ok || !slices.Contains(numbers, int(v)) {
		r.Fail("parameter %d of %s must be %s, one of %s", r.next, r.cmd.Name, what, strings.Trim(fmt.Sprint(numbers), "[]"))
	}
	if r.err != nil {
		return 0
	}
	return int(v)
}

// Text returns the next argument, a text of at most limit bytes; with limit 0 it may
// have any length. It may be empty, but not left out. The bytes are part of the line.
func (r *ArgReader) Text(limit int, what string) []byte {
	text, why := r.readText()
	r.next++
	switch {
	case why != "":
		r.Fail("parameter %d of %s must be %s%s", r.next, r.cmd.Name, what, why)
	case limit > 0 && len(text) > limit:
		r.Fail("parameter %d of %s must be %s, at most %d bytes", r.next, r.cmd.Name, what, limit)
	}
	if r.err != nil {
		return nil
	}
	return text
}

// readText returns the next argument, or what is wrong with it as a text.
func (r *ArgReader) readText() (text []byte, why string) {
	if !r.Has() {
		return nil, ", and there is none"
	}
	arg := &r.cmd.Args[r.next]
	switch {
	case arg.Kind == ArgString:
	case r.parser == OldLibraryParser:
		return nil, " in quotes"
	case arg.Kind == ArgInt || isDigits(arg.Text):
		return nil, " in quotes: digits without them are a number"
	case r.parser == LibraryParser && (r.Len() > 1 || !isWord(arg.Text)):
		return nil, " in quotes: only a word that ends the line may stand without them"
	}
	return arg.Text, ""
}

// isDigits reports whether a text is digits, with a sign or not, of any number.
func isDigits(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	return len(text) > 0 && len(bytes.Trim(text, "0123456789")) == 0
}

// isWord reports whether LibraryParser takes a text without quotes.
func isWord(text []byte) bool {
	for i, c := range text {
		if !isLetter(c) && (c < '0' || c > '9') && (i == 0 || !bytes.Contains([]byte("_-+. "), text[i:i+1])) {
			return false
		}
	}
	return true
}

// TextOr is Text for an argument that may be left out, and then is missing.
func (r *ArgReader) TextOr(missing []byte, limit int, what string) []byte {
	if r.left() {
		return missing
	}
	return r.Text(limit, what)
}

// left reports whether the next argument is left out, and passes over it then.
func (r *ArgReader) left() bool {
	out := r.next >= len(r.cmd.Args) || r.parser == ModemParser && !r.Has()
	if out {
		r.next++
	}
	return out
}

// Fail says that the arguments are wrong, unless something before was.
func (r *ArgReader) Fail(format string, args ...any) {
	switch {
	case r.err != nil:
	case r.Code != 0:
		r.err = CME(r.Code, format, args...)
	default:
		r.err = Errorf(format, args...)
	}
}

// Err returns what is wrong with the arguments read so far, nil if nothing is.
func (r *ArgReader) Err() error { return r.err }

// End is Err that also refuses arguments that have not been read.
func (r *ArgReader) End() error {
	if n := len(r.cmd.Args); n > r.next {
		r.Fail("%s takes at most %d parameters here, not %d", r.cmd.Name, r.next, n)
	}
	return r.err
}
