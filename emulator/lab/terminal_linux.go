package lab

import "nrf91emu/emulator/link"

// openTerminal makes a serial port for other programs.
func openTerminal() (link.Port, string, error) {
	pty, err := link.OpenPTY(link.PTYOptions{})
	if err != nil {
		return nil, "", err
	}
	return pty, pty.Name(), nil
}
