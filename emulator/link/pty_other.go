//go:build !darwin && !linux

package link

import "errors"

// A PTY is a [Port] on a pseudo-terminal, of which there are none here.
type PTY struct{ Port }

// ErrNoPTY says that this system has no pseudo-terminals that this package can
// make, and what to do instead.
var ErrNoPTY = errors.New("this system has no pseudo-terminals; use --listen 127.0.0.1:4242 and connect to that with a terminal program or, for a COM port, with com0com and com2tcp")

// OpenPTY fails with ErrNoPTY.
func OpenPTY(PTYOptions) (*PTY, error) { return nil, ErrNoPTY }

// Opened reports whether a host has opened the port at any time.
func (p *PTY) Opened() bool { return false }
