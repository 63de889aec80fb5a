//go:build !linux

package lab

import (
	"errors"

	"nrf91emu/emulator/link"
)

// openTerminal makes a serial port for other programs, which this system has not.
func openTerminal() (link.Port, string, error) { return nil, "", errors.ErrUnsupported }
