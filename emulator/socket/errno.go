package socket

import (
	"fmt"
	"strconv"
)

// An Errno is an error number of the application's C library (newlib and
// Zephyr, not Linux: 110 is ESHUTDOWN here). Source: nrf_errno.h, documented,
// and newlib's errno.h for those that Nordic's header leaves out.
type Errno int

// The error numbers that sockets use.
const (
	EPERM           Errno = 1
	EIO             Errno = 5
	EBADF           Errno = 9
	EAGAIN          Errno = 11
	ENOMEM          Errno = 12
	EACCES          Errno = 13
	EBUSY           Errno = 16
	EINVAL          Errno = 22
	EMFILE          Errno = 24
	EPROTO          Errno = 71
	EOPNOTSUPP      Errno = 95
	ECONNRESET      Errno = 104
	ENOBUFS         Errno = 105
	EAFNOSUPPORT    Errno = 106
	EPROTOTYPE      Errno = 107
	ENOPROTOOPT     Errno = 109
	ESHUTDOWN       Errno = 110
	ECONNREFUSED    Errno = 111
	EADDRINUSE      Errno = 112
	ECONNABORTED    Errno = 113
	ENETUNREACH     Errno = 114
	ENETDOWN        Errno = 115
	ETIMEDOUT       Errno = 116
	EHOSTUNREACH    Errno = 118
	EINPROGRESS     Errno = 119
	EALREADY        Errno = 120
	EDESTADDRREQ    Errno = 121
	EMSGSIZE        Errno = 122
	EPROTONOSUPPORT Errno = 123
	EADDRNOTAVAIL   Errno = 125
	EISCONN         Errno = 127
	ENETRESET       Errno = 126
	ENOTCONN        Errno = 128
	ECANCELED       Errno = 140

	// Numbers of the oldest headers (2019, BSD numbering).
	oldEPROTOTYPE Errno = 41
	oldEOPNOTSUPP Errno = 45
)

var errnoNames = map[Errno]string{
	EPERM: "EPERM", EIO: "EIO", EBADF: "EBADF", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM",
	EACCES: "EACCES", EBUSY: "EBUSY", EINVAL: "EINVAL", EMFILE: "EMFILE", EPROTO: "EPROTO",
	EOPNOTSUPP: "EOPNOTSUPP", ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS",
	EAFNOSUPPORT: "EAFNOSUPPORT", EPROTOTYPE: "EPROTOTYPE", ENOPROTOOPT: "ENOPROTOOPT",
	ESHUTDOWN: "ESHUTDOWN", ECONNREFUSED: "ECONNREFUSED", EADDRINUSE: "EADDRINUSE",
	ECONNABORTED: "ECONNABORTED", ENETUNREACH: "ENETUNREACH", ENETDOWN: "ENETDOWN",
	ETIMEDOUT: "ETIMEDOUT", EHOSTUNREACH: "EHOSTUNREACH", EINPROGRESS: "EINPROGRESS",
	EALREADY: "EALREADY", EDESTADDRREQ: "EDESTADDRREQ", EMSGSIZE: "EMSGSIZE",
	EPROTONOSUPPORT: "EPROTONOSUPPORT", EADDRNOTAVAIL: "EADDRNOTAVAIL",
	EISCONN: "EISCONN", ENETRESET: "ENETRESET", ENOTCONN: "ENOTCONN", ECANCELED: "ECANCELED",
	oldEPROTOTYPE: "EPROTOTYPE", oldEOPNOTSUPP: "EOPNOTSUPP",
}

// Name returns the symbolic name, such as "ECONNREFUSED", or "" for a number
// that sockets do not use. The old numbers 41 and 45 have the names of their time.
func (n Errno) Name() string { return errnoNames[n] }

// Error returns name and number, such as "ECONNREFUSED (111)".
func (n Errno) Error() string {
	if name := n.Name(); name != "" {
		return name + " (" + strconv.Itoa(int(n)) + ")"
	}
	return "errno " + strconv.Itoa(int(n))
}

// A Generation says which error numbers an SDK generation lets its application
// see.
type Generation uint8

const (
	// GenerationCurrent reports a failed TLS handshake as ECONNREFUSED 111 (fact
	// tls/handshake-errno).
	GenerationCurrent Generation = iota
	// GenerationOlder reports it as EOPNOTSUPP 95, as SDKs of 2020 to 2022 do.
	GenerationOlder
	// GenerationOldest has the BSD numbers of the first headers: EOPNOTSUPP 45 and
	// EPROTOTYPE 41 (fact tls/errno-numbers).
	GenerationOldest
)

// handshakeFailure is the errno of every failed TLS or DTLS handshake: the
// application never learns more (fact tls/handshake-errno).
func (g Generation) handshakeFailure() Errno {
	if g == GenerationCurrent {
		return ECONNREFUSED
	}
	return EOPNOTSUPP
}

// number gives n the number that it has in this generation.
func (g Generation) number(n Errno) Errno {
	if g == GenerationOldest {
		switch n {
		case EOPNOTSUPP:
			return oldEOPNOTSUPP
		case EPROTOTYPE:
			return oldEPROTOTYPE
		}
	}
	return n
}

// An Error is the failure of a socket operation: the number that the
// application sees and, beside it, the true reason.
//
// errors.Is(err, ECONNREFUSED) works on it.
type Error struct {
	Op     string // "connect", "send", "recv", ...
	Errno  Errno
	Reason string // a sentence for people, without the number
	Err    error  // what the host's network or TLS said; may be nil

	lookup bool // the host was not found, and nothing was tried
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Op, e.Errno.Error(), e.Reason)
}

// Unwrap returns the errno and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Errno}
	}
	return []error{e.Errno, e.Err}
}
