//go:build !darwin && !linux

package link

import (
	"errors"
	"io"
)

// A side is nothing here: the library writes.
type side struct{}

func openSide(string) (side, error) { return side{}, nil }

func (side) setRTSCTS() error {
	return errors.New("not done on this system; leave --rtscts out, or set it in the driver")
}

func (side) Close() error { return nil }

// writer returns the port itself.
func (side) writer(port io.WriteCloser) io.WriteCloser { return unclosed{port} }

// unclosed leaves closing to the owner of the port.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
