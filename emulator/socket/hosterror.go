package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// hostErrnos translates what Linux says to the numbers of the modem's side.
var hostErrnos = map[syscall.Errno]Errno{
	syscall.EACCES:        EACCES,
	syscall.EPERM:         EACCES,
	syscall.EMFILE:        ENOMEM,
	syscall.ENFILE:        ENOMEM,
	syscall.ENOBUFS:       ENOBUFS,
	syscall.ENOMEM:        ENOMEM,
	syscall.EADDRINUSE:    EADDRINUSE,
	syscall.EADDRNOTAVAIL: EADDRNOTAVAIL,
	syscall.EAFNOSUPPORT:  EAFNOSUPPORT,
	syscall.ECONNREFUSED:  ECONNREFUSED,
	syscall.ECONNRESET:    ECONNRESET,
	syscall.ECONNABORTED:  ECONNABORTED,
	syscall.EPIPE:         ECONNRESET,
	syscall.ETIMEDOUT:     ETIMEDOUT,
	syscall.EHOSTUNREACH:  EHOSTUNREACH,
	syscall.EHOSTDOWN:     EHOSTUNREACH,
	syscall.ENETUNREACH:   ENETUNREACH,
	syscall.ENETDOWN:      ENETDOWN,
	syscall.EMSGSIZE:      EMSGSIZE,
	syscall.EINVAL:        EINVAL,
}

var hostReasons = map[Errno]string{
	ECONNREFUSED:  "nothing listens there: the connection was refused",
	ECONNRESET:    "the peer reset the connection",
	ETIMEDOUT:     "no answer in time",
	EHOSTUNREACH:  "no route to the host",
	ENETUNREACH:   "no route to the network",
	EADDRINUSE:    "the local port is in use",
	EADDRNOTAVAIL: "the local address is not available",
}

// hostErrno returns the modem-side number of an error of the host's network.
func hostErrno(err error) (Errno, bool) {
	var sys syscall.Errno
	switch {
	case errors.As(err, &sys):
		n, ok := hostErrnos[sys]
		return n, ok
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return ETIMEDOUT, true
	case errors.Is(err, io.ErrClosedPipe):
		return ECONNRESET, true
	}
	return 0, false
}

// hostError wraps an error of the host's network.
func (s *Socket) hostError(op string, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	n, ok := hostErrno(err)
	if !ok {
		n = EIO
	}
	reason := hostReasons[n]
	if reason == "" {
		reason = err.Error()
	}
	e := s.errorf(op, n, "%s", reason)
	e.Err = err
	return e
}

// describe splits an error into the number and the reason.
func describe(err error) (Errno, string) {
	var own *Error
	if errors.As(err, &own) {
		return own.Errno, own.Reason
	}
	return EIO, err.Error()
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
