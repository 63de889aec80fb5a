//go:build !darwin && !linux

package link

import (
	"context"
	"errors"
)

// A PTY is a [Port] on a pseudo-terminal, of which there are none here.
type PTY struct{ Port }

// HasPTY says whether OpenPTY can work on this system.
const HasPTY = false

// ErrNoPTY says that this system has no pseudo-terminals that this package can
// make, and what to do instead.
var ErrNoPTY = errors.New("this system has no pseudo-terminals; leave --link out and reach the modem over TCP, or give it one end of a pair of COM ports (com0com) with --port")

// OpenPTY fails with ErrNoPTY.
func OpenPTY(PTYOptions) (*PTY, error) { return nil, ErrNoPTY }

// Opened reports whether a host has opened the port at any time.
func (p *PTY) Opened() bool { return false }

// Drain fails with ErrNoPTY.
func (p *PTY) Drain(context.Context) error { return ErrNoPTY }
