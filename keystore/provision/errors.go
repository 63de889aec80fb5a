package provision

import (
	"errors"
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
)

// Errno is the name of an error number of Zephyr's C library, as modem_key_mgmt
// returns it. Names and not numbers: 116 is ETIMEDOUT there and ESTALE on Linux.
// An Errno is an error, for use with errors.Is.
type Errno string

// Error returns the name.
func (e Errno) Error() string { return string(e) }

// The errors of modem_key_mgmt, newest generation (fact key-mgmt/errno).
const (
	E2BIG     Errno = "E2BIG"
	EACCES    Errno = "EACCES"
	EALREADY  Errno = "EALREADY"
	ECANCELED Errno = "ECANCELED"
	EINVAL    Errno = "EINVAL"
	EIO       Errno = "EIO"
	ENOENT    Errno = "ENOENT"
	ENOEXEC   Errno = "ENOEXEC"
	ENOMEM    Errno = "ENOMEM"
	EPERM     Errno = "EPERM"
)

var (
	// ErrPlaceholder: the modem lists no digest, only the type's number repeated,
	// as old firmware does (fact cmng/digest-since).
	ErrPlaceholder = errors.New("the modem's firmware lists a placeholder instead of a digest")
	// ErrIncomparable: there is a credential, and no way to learn what it holds.
	ErrIncomparable = errors.New("the stored credential cannot be compared: the modem's firmware lists a placeholder instead of a digest and does not let it be read; use Write to replace it on purpose, or update the firmware to mfw 1.3.2 or later")
	// ErrNotVerified: after the write the modem holds something else.
	ErrNotVerified = errors.New("the modem holds something else than was written; look for a port or terminal that changes line ends, then write again")
)

// An Error is what modem_key_mgmt would return, and why.
type Error struct {
	Op  string // "write", "list", "read", "delete"
	Key keystore.Key
	// Code is the code of +CME ERROR, -1 when the modem gave none: for a plain
	// ERROR, and for what was refused before anything was sent.
	Code  int
	Errno Errno // empty for a code that the library does not know
	Err   error // a sentence, or the cause
}

// Error returns a sentence that names the credential, the reason and the codes.
func (e *Error) Error() string {
	text := fmt.Sprintf("cannot %s credential %s (%s): %v", e.Op, e.Key, e.Key.Type, e.Err)
	if e.Code >= 0 {
		text += fmt.Sprintf(" (+CME ERROR: %d", e.Code)
		if e.Errno != "" {
			text += fmt.Sprintf(", -%s", e.Errno)
		}
		return text + ")"
	}
	return text + fmt.Sprintf(" (-%s)", e.Errno)
}

// Unwrap returns the errno and the cause.
func (e *Error) Unwrap() []error {
	if e.Errno == "" {
		return []error{e.Err}
	}
	return []error{e.Errno, e.Err}
}

// codes are the +CME ERROR codes of %CMNG (fact cmng/errors), their errno in the newest
// library (fact key-mgmt/errno) and what to do.
var codes = map[int]struct {
	errno Errno
	text  string
}{
	0:   {EIO, "the modem calls it an invalid command or an unexpected failure; check tag and type"},
	23:  {E2BIG, "the modem's memory handling failed; try a shorter content"},
	50:  {EINVAL, "the modem takes a parameter for incorrect; check tag, type and content"},
	60:  {ENOEXEC, "the modem reports a system error; restart it"},
	513: {ENOENT, "there is no such credential"},
	514: {EACCES, "the modem does not allow it for this tag and type; private keys and PSKs can never be read, compare their digest"},
	515: {ENOMEM, "the modem's credential store is full; delete what is not used"},
	518: {EPERM, "the modem is active, and its credentials cannot be changed; send AT+CFUN=4 first"},
	519: {EALREADY, "it exists already and may not be replaced; delete it first"},
	527: {EINVAL, "the modem does not accept the content: not a valid certificate, or too large; send PEM with real line feeds, below 4 kB"},
	528: {ECANCELED, "the power-off warning is active, and nothing is stored; raise the supply voltage and arm the warning again"},
}

// translate turns a final result into an Error. What is not a final result, such
// as a time-out, is only wrapped.
func translate(op string, key keystore.Key, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*atcmd.Error](err)
	if !ok {
		return fmt.Errorf("cannot %s credential %s (%s): %w", op, key, key.Type, err)
	}
	if e.Result.Kind != atcmd.ResultCME {
		// The library maps a plain ERROR as code 0.
		return &Error{op, key, -1, EIO, fmt.Errorf("the modem gives no reason: %w", err)}
	}
	known, ok := codes[e.Result.Code]
	if !ok {
		return &Error{op, key, e.Result.Code, "", fmt.Errorf("the modem answers a code that is not documented for credentials: %w", err)}
	}
	return &Error{op, key, e.Result.Code, known.errno, sentence{known.text, err}}
}

// A sentence is a cause in better words.
type sentence struct {
	text string
	err  error
}

func (s sentence) Error() string { return s.text }
func (s sentence) Unwrap() error { return s.err }
