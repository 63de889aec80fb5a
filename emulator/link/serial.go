package link

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	"go.bug.st/serial"
)

// DefaultBaud is the speed of the UART of Nordic's applications, in bits per second
// (facts at-host/uart and serial-modem/uart).
const DefaultBaud = 115200

// SerialOptions are the choices in opening a serial port.
type SerialOptions struct {
	Baud   int  // bits per second, DefaultBaud if 0
	RTSCTS bool // hardware flow control
}

// A Serial is a [Port] on a serial port of this machine, where a host board is
// connected: 8 data bits, no parity, one stop bit.
type Serial struct {
	path    string
	port    serial.Port
	closing atomic.Bool

	side io.WriteCloser // what is written to, see openSide
}

var _ Port = (*Serial)(nil)

// OpenSerial opens the serial port with the given path.
func OpenSerial(path string, opts SerialOptions) (*Serial, error) {
	if opts.Baud == 0 {
		opts.Baud = DefaultBaud
	}
	if opts.Baud < 0 || opts.Baud > maxBaud {
		return nil, fmt.Errorf("%d is not a baud rate; give a number from 1 to %d, such as %d", opts.Baud, maxBaud, DefaultBaud)
	}
	// Opened first, as the library makes the port exclusive.
	side, err := openSide(path)
	if err != nil {
		return nil, serialError(path, err)
	}
	port, err := serial.Open(path, &serial.Mode{BaudRate: opts.Baud, DataBits: 8})
	if err != nil {
		side.Close()
		return nil, serialError(path, err)
	}
	if opts.RTSCTS {
		if err := side.setRTSCTS(); err != nil {
			port.Close()
			side.Close()
			return nil, fmt.Errorf("cannot switch RTS/CTS flow control of %s on: %w", path, err)
		}
	}
	return &Serial{path: path, port: port, side: side.writer(port)}, nil
}

// serialError says what to do about err.
func serialError(path string, err error) error {
	code := serial.PortErrorCode(-1)
	if e := (*serial.PortError)(nil); errors.As(err, &e) {
		code = e.Code()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) || code == serial.PortNotFound:
		return fmt.Errorf("there is no serial port %s; ls /dev/tty* shows those there are", path)
	case errors.Is(err, fs.ErrPermission) || code == serial.PermissionDenied:
		return fmt.Errorf("no permission to open %s; join the group that owns it (often dialout)", path)
	case errors.Is(err, syscall.EBUSY) || code == serial.PortBusy:
		return fmt.Errorf("another program uses %s; close it first", path)
	case code == serial.InvalidSerialPort:
		return fmt.Errorf("%s is not a serial port, or does not know this baud rate: %w", path, err)
	default:
		return fmt.Errorf("cannot open the serial port %s: %w", path, err)
	}
}

// Name returns the path of the port.
func (s *Serial) Name() string { return s.path }

// Read waits for bytes from the line.
func (s *Serial) Read(b []byte) (int, error) {
	n, err := s.port.Read(b)
	switch {
	case s.closing.Load():
		return 0, io.EOF
	case err != nil:
		return n, fmt.Errorf("the serial port %s has gone; was it unplugged? (%w)", s.path, err)
	}
	return n, nil
}

// Write sends b.
func (s *Serial) Write(b []byte) (int, error) {
	n, err := s.side.Write(b)
	if err != nil && !errors.Is(err, os.ErrClosed) {
		err = fmt.Errorf("the serial port %s has gone; was it unplugged? (%w)", s.path, err)
	}
	return n, err
}

// Close closes the port.
func (s *Serial) Close() error {
	if !s.closing.CompareAndSwap(false, true) {
		return nil
	}
	return errors.Join(s.side.Close(), s.port.Close())
}
