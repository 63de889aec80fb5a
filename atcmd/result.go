package atcmd

import (
	"errors"
	"fmt"
	"strconv"
)

// ResultKind is the kind of a final result code.
type ResultKind uint8

// The final result codes of an nRF91 modem (fact at/response).
const (
	ResultOK    ResultKind = iota // OK
	ResultError                   // ERROR
	ResultCME                     // +CME ERROR: <n>, 3GPP TS 27.007 9.2 and Nordic's from 512 on
	ResultCMS                     // +CMS ERROR: <n>, 3GPP TS 27.005 3.2.5
)

// A Result is a final result code: what ends a response. Its zero value is OK.
type Result struct {
	Kind ResultKind
	Code int // for ResultCME and ResultCMS
}

// OK reports whether the command succeeded.
func (r Result) OK() bool { return r.Kind == ResultOK }

// Append appends the code's text without line ends.
func (r Result) Append(b []byte) []byte {
	switch r.Kind {
	case ResultOK:
		return append(b, "OK"...)
	case ResultCME:
		return strconv.AppendInt(append(b, "+CME ERROR: "...), int64(r.Code), 10)
	case ResultCMS:
		return strconv.AppendInt(append(b, "+CMS ERROR: "...), int64(r.Code), 10)
	default:
		return append(b, "ERROR"...)
	}
}

// String returns the code's text, such as "+CME ERROR: 513".
func (r Result) String() string {
	switch r.Kind {
	case ResultOK:
		return "OK"
	case ResultError:
		return "ERROR"
	}
	return string(r.Append(nil))
}

// ParseResult reads a line as a final result code.
func ParseResult(line string) (Result, bool) {
	switch line {
	case "OK":
		return Result{}, true
	case "ERROR":
		return Result{Kind: ResultError}, true
	}
	for _, c := range []struct {
		prefix string
		kind   ResultKind
	}{{"+CME ERROR:", ResultCME}, {"+CMS ERROR:", ResultCMS}} {
		if len(line) > len(c.prefix) && line[:len(c.prefix)] == c.prefix {
			text := line[len(c.prefix):]
			for len(text) > 0 && text[0] == ' ' {
				text = text[1:]
			}
			if n, err := strconv.ParseUint(text, 10, 16); err == nil {
				return Result{Kind: c.kind, Code: int(n)}, true
			}
		}
	}
	return Result{}, false
}

// An Error is a final result other than OK, with the reason in words. The words
// are for the event record and for a client's user; only the result goes over
// the port.
type Error struct {
	Result Result
	Reason string
	Err    error // the cause, if there is one
}

// Error returns the result's text and the reason.
func (e *Error) Error() string {
	if e.Reason == "" {
		return e.Result.String()
	}
	return e.Result.String() + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CME returns an Error with the result +CME ERROR: code. Whether the host sees
// the number or a bare ERROR is decided by +CMEE.
func CME(code int, format string, args ...any) error {
	return newError(Result{Kind: ResultCME, Code: code}, format, args)
}

// CMS returns an Error with the result +CMS ERROR: code, which SMS commands give
// whatever +CMEE says (fact sms/errors).
func CMS(code int, format string, args ...any) error {
	return newError(Result{Kind: ResultCMS, Code: code}, format, args)
}

// Errorf returns an Error with the plain result ERROR.
func Errorf(format string, args ...any) error {
	return newError(Result{Kind: ResultError}, format, args)
}

func newError(r Result, format string, args []any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Result: r, Reason: err.Error(), Err: errors.Unwrap(err)}
}

// ResultOf returns the final result that err stands for: OK for nil, the result
// of an Error in its chain, and a plain ERROR for anything else.
func ResultOf(err error) Result {
	if err == nil {
		return Result{}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Result
	}
	return Result{Kind: ResultError}
}
