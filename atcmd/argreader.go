package atcmd

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

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
	// Lenient takes an argument of which only the comma is there for one that is
	// left out (fact at/empty-parameter). Without it, only the end of the list leaves arguments out.
	Lenient bool

	cmd  *Command
	next int
	err  error
}

// ReadArgs returns a reader of the command's arguments.
func ReadArgs(cmd *Command) ArgReader { return ArgReader{cmd: cmd} }

// Len returns how many arguments are left, empty ones too.
func (r *ArgReader) Len() int { return max(len(r.cmd.Args)-r.next, 0) }

// Has reports whether the next argument is there and not empty.
func (r *ArgReader) Has() bool { return r.cmd.Has(r.next) }

// Skip passes over an argument, whatever it is.
func (r *ArgReader) Skip() { r.next++ }

// Int returns the next argument, which must be a number from lo to hi.
func (r *ArgReader) Int(lo, hi int, what string) int {
	return int(r.number(int64(lo), int64(hi), what))
}

func (r *ArgReader) number(lo, hi int64, what string) int64 {
	v, ok := r.cmd.Int(r.next, lo, hi)
	r.next++
	if !ok {
		r.Fail("parameter %d of %s must be %s, a number from %d to %d", r.next, r.cmd.Name, what, lo, hi)
	}
	if r.err != nil {
		return 0
	}
	return v
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
	v, ok := r.cmd.Int(r.next, math.MinInt32, math.MaxInt32)
	r.next++
	if !ok || !slices.Contains(numbers, int(v)) {
		r.Fail("parameter %d of %s must be %s, one of %s", r.next, r.cmd.Name, what, strings.Trim(fmt.Sprint(numbers), "[]"))
	}
	if r.err != nil {
		return 0
	}
	return int(v)
}

// Quoted returns the next argument, a text in quotes of at most limit bytes; with
// limit 0 it may have any length. The bytes are part of the line.
func (r *ArgReader) Quoted(limit int, what string) []byte {
	text, ok := r.cmd.Quoted(r.next)
	return r.text(text, ok, limit, what+" in quotes")
}

// Text is Quoted for a text that may stand without quotes too (fact
// at/unquoted-text). It must not be left out.
func (r *ArgReader) Text(limit int, what string) []byte {
	text, ok := r.cmd.Text(r.next)
	return r.text(text, ok, limit, what)
}

// text passes over the next argument, which is text if it is ok.
func (r *ArgReader) text(text []byte, ok bool, limit int, what string) []byte {
	r.next++
	switch {
	case limit > 0 && (!ok || len(text) > limit):
		r.Fail("parameter %d of %s must be %s, at most %d bytes", r.next, r.cmd.Name, what, limit)
	case !ok:
		r.Fail("parameter %d of %s must be %s", r.next, r.cmd.Name, what)
	}
	if r.err != nil {
		return nil
	}
	return text
}

// QuotedOr is Quoted for an argument that may be left out, and then is missing.
func (r *ArgReader) QuotedOr(missing []byte, limit int, what string) []byte {
	if r.left() {
		return missing
	}
	return r.Quoted(limit, what)
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
	out := r.next >= len(r.cmd.Args) || r.Lenient && !r.Has()
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
