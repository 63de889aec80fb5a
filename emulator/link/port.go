package link

import "io"

// Port is the device's end of a UART. One goroutine may read while others
// write; writes do not mix with each other.
type Port interface {
	// Read blocks until the host has sent something. After Close it returns
	// io.EOF.
	io.Reader

	// Write hands bytes to the host, in one system call where the bytes
	// leave the process (the pty splits above 4 kB). It may block while an
	// attached host does not read. After Close it fails with an error that
	// wraps os.ErrClosed.
	io.Writer

	// Close unblocks Read and Write and waits for nothing else. Closing
	// twice is harmless.
	io.Closer

	// Name says what a person opens to reach the port, for example
	// "/dev/pts/5" or "tcp:127.0.0.1:4242".
	Name() string
}

// An Attacher is a [Port] that knows whether a host has it open.
type Attacher interface {
	Attached() bool
}

// A Dropper is a [Port] that discards bytes in some situations (no host, a
// client that does not read, an overrun) and counts them.
type Dropper interface {
	// Dropped returns how many bytes have been discarded since the port was
	// made, in both directions together.
	Dropped() uint64
}

// Line is the state of a serial line, as far as the host can set it.
type Line struct {
	Baud     int     // bits per second
	DataBits int     // 5 to 8
	Parity   Parity  //
	StopBits int     // in half bits: 2 is one stop bit, 3 is one and a half, 4 is two
	DTR, RTS bool    // outputs of the host
	Break    bool    // the host holds the line in the break condition
	Flow     Control // what the host asked for
}

// Parity is the parity of a serial line, numbered as in RFC 2217 less one.
type Parity uint8

// The parities.
const (
	NoParity Parity = iota
	OddParity
	EvenParity
	MarkParity
	SpaceParity
)

// Control is the flow control of a serial line.
type Control uint8

// The kinds of flow control.
const (
	NoControl Control = iota
	XonXoff
	RTSCTS
)

// A Liner is a [Port] whose host can change the state of the line.
type Liner interface {
	// Line returns the present state.
	Line() Line

	// OnLine sets what is called, on a goroutine of the link, after each
	// change, with the new state. It replaces an earlier function; nil
	// removes it. The function must not block.
	OnLine(func(Line))
}
